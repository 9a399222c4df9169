import { canSee, type Caller } from '@baton/access';
import type { FileRecord } from '@baton/contracts';
import { Database } from '@baton/database';
import { page, ServiceError, type Page, type PageQuery } from '@baton/service';
import { Injectable } from '@nestjs/common';
import { numberCursor } from '../cursors.js';
import { visibleModel } from '../models/models.queries.js';
import { Version } from './version.entity.js';
import { toResponse, type VersionResponse } from './versions.dto.js';
import { versionNotFound } from './versions.errors.js';
import { listVersions } from './versions.queries.js';

const NEWER_THAN_ALL = 2_147_483_647;

/** Versions, as they are asked for. */
@Injectable()
export class VersionsService {
  constructor(private readonly database: Database) {}

  /** @throws ServiceError 404 */
  async get(model: string, version: number, caller: Caller): Promise<Version> {
    const found = await this.database.manager.findOneBy(Version, { model, version });
    if (!found || !canSee(caller, found.project)) throw versionNotFound(model, version);
    return found;
  }

  /** One of the version's files. @throws ServiceError 404 */
  async file(model: string, version: number, name: string, caller: Caller): Promise<FileRecord> {
    const { files, reference, signature } = await this.get(model, version, caller);
    const file = [...files, reference, signature].find((one) => one?.name === name);
    if (!file) throw new ServiceError('file-not-found', `the version has no file ${name}`, { status: 404 });
    return file;
  }

  /** Newest first. @throws ServiceError 400, 404 */
  async list(name: string, { limit, cursor }: PageQuery, caller: Caller): Promise<Page<VersionResponse>> {
    const before = numberCursor(cursor) ?? NEWER_THAN_ALL;
    await visibleModel(this.database.manager, name, caller);
    const rows = await listVersions(this.database.manager, name, { limit, before });
    return page(rows, limit, (row) => row.version, toResponse);
  }
}
