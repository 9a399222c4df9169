import type { Caller } from '@baton/access';
import type { Transaction } from '@baton/database';
import type { EntityManager } from 'typeorm';
import { Model } from './model.entity.js';

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

/** Models that the caller can see, by name, one more than `limit`. */
export function listModels(
  manager: EntityManager,
  caller: Caller,
  { limit, after }: { limit: number; after?: string },
): Promise<Model[]> {
  const query = manager
    .createQueryBuilder(Model, 'model')
    .orderBy('model.name')
    .limit(limit + 1);
  if (caller.project !== null) query.andWhere('model.project = :project', { project: caller.project });
  if (after !== undefined) query.andWhere('model.name > :after', { after });
  return query.getMany();
}
