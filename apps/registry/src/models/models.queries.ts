import { canSee, type Caller } from '@baton/access';
import type { Transaction } from '@baton/database';
import { MoreThan, type EntityManager } from 'typeorm';
import { Model } from './model.entity.js';
import { modelNotFound } from './models.errors.js';

const CREATE = `
  insert into models (name, project, revision, latest_version, created_at) values ($1, $2, 0, 0, now())
  on conflict (name) do nothing
`;

/** Makes the model if there is none of the name, and locks its row until the end of the transaction. */
export async function createAndLockModel(tx: Transaction, name: string, project: string): Promise<Model> {
  await tx.query(CREATE, [name, project]);
  return tx.manager.findOneOrFail(Model, { where: { name }, lock: { mode: 'pessimistic_write' } });
}

/** Locks the model's row until the end of the transaction. Null when there is none. */
export function lockModel(tx: Transaction, name: string): Promise<Model | null> {
  return tx.manager.findOne(Model, { where: { name }, lock: { mode: 'pessimistic_write' } });
}

/** The model, for whoever can see it. @throws ServiceError 404 */
export async function visibleModel(manager: EntityManager, name: string, caller: Caller): Promise<Model> {
  const model = await manager.findOneBy(Model, { name });
  if (!model || !canSee(caller, model.project)) throw modelNotFound(name);
  return model;
}

/** Models that the caller can see, by name, one more than `limit`. */
export function listModels(
  manager: EntityManager,
  caller: Caller,
  { limit, after }: { limit: number; after: string },
): Promise<Model[]> {
  return manager.find(Model, {
    where: { name: MoreThan(after), ...(caller.project === null ? {} : { project: caller.project }) },
    order: { name: 'ASC' },
    take: limit + 1,
  });
}
