import type { Transaction } from '@baton/database';
import { defaultPolicy } from './endpoint-policy.js';
import { Endpoint } from './endpoint.entity.js';

const INSERT = `
  insert into endpoints (endpoint, project, live, revision, plan_revision, policy, routes)
  values ($1, $2, false, 0, 0, $3, '[]')
  on conflict (endpoint) do nothing
`;

/** Locks an endpoint's row until the transaction ends; undefined when there is none. */
export async function lockEndpoint(tx: Transaction, endpoint: string): Promise<Endpoint | undefined> {
  const row = await tx.manager.findOne(Endpoint, { where: { endpoint }, lock: { mode: 'pessimistic_write' } });
  return row ?? undefined;
}

/**
 * Locks an endpoint's row, made in this transaction when there is none. One that is not live belongs to nobody, and is
 * given to the project with the default policy; making it live is the caller's.
 */
export async function lockOrMakeEndpoint(tx: Transaction, endpoint: string, project: string): Promise<Endpoint> {
  await tx.query(INSERT, [endpoint, project, JSON.stringify(defaultPolicy)]);
  const row = await tx.manager.findOneOrFail(Endpoint, { where: { endpoint }, lock: { mode: 'pessimistic_write' } });
  if (!row.live) Object.assign(row, { project, policy: { ...defaultPolicy }, routes: [] });
  return row;
}
