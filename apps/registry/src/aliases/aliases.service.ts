import { canSee, type Caller } from '@baton/access';
import { Database, type Transaction } from '@baton/database';
import { Outbox } from '@baton/messaging';
import { ServiceError } from '@baton/service';
import { Injectable } from '@nestjs/common';
import { Model } from '../models/model.entity.js';
import { modelNotFound } from '../models/models.errors.js';
import { lockModel } from '../models/models.queries.js';
import { Version } from '../versions/version.entity.js';
import { versionNotFound } from '../versions/versions.errors.js';
import { nextRevision } from '../versions/versions.queries.js';
import { Alias } from './alias.entity.js';

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

  /** By name. @throws ServiceError 404 */
  async list(name: string, caller: Caller): Promise<Alias[]> {
    const model = await this.database.manager.findOneBy(Model, { name });
    if (!model || !canSee(caller, model.project)) throw modelNotFound(name);
    return this.database.manager.find(Alias, { where: { model: name }, order: { alias: 'ASC' } });
  }

  /** @throws ServiceError 404 */
  async get(name: string, alias: string, caller: Caller): Promise<Alias> {
    const found = (await this.list(name, caller)).find((one) => one.alias === alias);
    if (!found) throw aliasNotFound(name, alias);
    return found;
  }

  /** Points the alias to the version. Doing it again changes nothing. @throws ServiceError 404 */
  put(name: string, alias: string, version: number, caller: Caller): Promise<Alias> {
    return this.database.transaction(async (tx) => {
      const model = await visible(tx, name, caller);
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
      const model = await visible(tx, name, caller);
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

async function visible(tx: Transaction, name: string, caller: Caller): Promise<Model> {
  const model = await lockModel(tx, name);
  if (!model || !canSee(caller, model.project)) throw modelNotFound(name);
  return model;
}

function aliasNotFound(model: string, alias: string): ServiceError {
  return new ServiceError('alias-not-found', `${model} has no alias ${alias}`, { status: 404 });
}
