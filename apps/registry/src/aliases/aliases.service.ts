import { canSee, type Caller } from '@baton/access';
import { NAME_PATTERN } from '@baton/contracts';
import { Database, type Transaction } from '@baton/database';
import { Outbox } from '@baton/messaging';
import { page, ServiceError, type Page, type PageQuery } from '@baton/service';
import { Injectable } from '@nestjs/common';
import { MoreThan } from 'typeorm';
import { textCursor } from '../cursors.js';
import type { Model } from '../models/model.entity.js';
import { modelNotFound } from '../models/models.errors.js';
import { lockModel, visibleModel } from '../models/models.queries.js';
import { Version } from '../versions/version.entity.js';
import { versionNotFound } from '../versions/versions.errors.js';
import { nextRevision } from '../versions/versions.queries.js';
import { Alias } from './alias.entity.js';
import { toResponse, type AliasResponse } from './aliases.dto.js';

interface AliasMove {
  readonly model: Model;
  readonly alias: string;
  readonly from: number | null;
  readonly to: number | null;
  readonly caller: Caller;
}

/** Movable names of versions. */
@Injectable()
export class AliasesService {
  constructor(
    private readonly database: Database,
    private readonly outbox: Outbox,
  ) {}

  /** By name. @throws ServiceError 400, 404 */
  async list(model: string, { limit, cursor }: PageQuery, caller: Caller): Promise<Page<AliasResponse>> {
    const after = textCursor(cursor, NAME_PATTERN) ?? '';
    await visibleModel(this.database.manager, model, caller);
    const where = { model, alias: MoreThan(after) };
    const rows = await this.database.manager.find(Alias, { where, order: { alias: 'ASC' }, take: limit + 1 });
    return page(rows, limit, (row) => row.alias, toResponse);
  }

  /** @throws ServiceError 404 */
  async get(name: string, alias: string, caller: Caller): Promise<Alias> {
    await visibleModel(this.database.manager, name, caller);
    const found = await this.database.manager.findOneBy(Alias, { model: name, alias });
    if (!found) throw aliasNotFound(name, alias);
    return found;
  }

  /** Points the alias to the version. Doing it again changes nothing. @throws ServiceError 404 */
  put(name: string, alias: string, version: number, caller: Caller): Promise<Alias> {
    return this.database.transaction(async (tx) => {
      const model = await locked(tx, name, caller);
      if (!(await tx.manager.existsBy(Version, { model: name, version }))) throw versionNotFound(name, version);
      const before = await tx.manager.findOneBy(Alias, { model: name, alias });
      if (before?.version === version) return before;
      const row = { model: name, alias, version, changedBy: caller.name, changedAt: new Date() };
      await tx.manager.upsert(Alias, row, ['model', 'alias']);
      await this.publish(tx, { model, alias, from: before?.version ?? null, to: version, caller });
      return row;
    });
  }

  /** @throws ServiceError 404 */
  async remove(name: string, alias: string, caller: Caller): Promise<void> {
    await this.database.transaction(async (tx) => {
      const model = await locked(tx, name, caller);
      const before = await tx.manager.findOneBy(Alias, { model: name, alias });
      if (!before) throw aliasNotFound(name, alias);
      await tx.manager.delete(Alias, { model: name, alias });
      await this.publish(tx, { model, alias, from: before.version, to: null, caller });
    });
  }

  private async publish(tx: Transaction, { model, alias, from, to, caller }: AliasMove): Promise<void> {
    const revision = await nextRevision(tx, model);
    const at = { changedBy: caller.name, changedAt: new Date().toISOString() };
    await this.outbox.publish(tx, 'alias.changed', {
      model: model.name,
      project: model.project,
      alias,
      from,
      to,
      revision,
      ...at,
    });
  }
}

async function locked(tx: Transaction, name: string, caller: Caller): Promise<Model> {
  const model = await lockModel(tx, name);
  if (!model || !canSee(caller, model.project)) throw modelNotFound(name);
  return model;
}

function aliasNotFound(model: string, alias: string): ServiceError {
  return new ServiceError('alias-not-found', `${model} has no alias ${alias}`, { status: 404 });
}
