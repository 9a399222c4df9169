import { canSee, type Caller } from '@baton/access';
import { Database } from '@baton/database';
import { decodeCursor, page, type Page, type PageQuery } from '@baton/service';
import { Injectable } from '@nestjs/common';
import { Model } from '../models/model.entity.js';
import { modelNotFound } from '../models/models.errors.js';
import { Version } from './version.entity.js';
import { toResponse, type VersionResponse } from './versions.dto.js';
import { versionNotFound } from './versions.errors.js';
import { listVersions } from './versions.queries.js';

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

  /** Newest first. @throws ServiceError 404 */
  async list(name: string, query: PageQuery, caller: Caller): Promise<Page<VersionResponse>> {
    const model = await this.database.manager.findOneBy(Model, { name });
    if (!model || !canSee(caller, model.project)) throw modelNotFound(name);
    const before = query.cursor === undefined ? undefined : Number(decodeCursor(query.cursor));
    const position = { limit: query.limit, ...(before === undefined ? {} : { before }) };
    const rows = await listVersions(this.database.manager, name, position);
    return page(rows, query.limit, (row) => row.version, toResponse);
  }
}
