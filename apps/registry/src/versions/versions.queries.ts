import type { Transaction } from '@baton/database';
import { LessThan, type EntityManager } from 'typeorm';
import { Model } from '../models/model.entity.js';
import { Version } from './version.entity.js';

/** Versions of a model before the given one, newest first, one more than `limit`. */
export function listVersions(
  manager: EntityManager,
  model: string,
  { limit, before }: { limit: number; before: number },
): Promise<Version[]> {
  return manager.find(Version, {
    where: { model, version: LessThan(before) },
    order: { version: 'DESC' },
    take: limit + 1,
  });
}

/** Counts one more change of a locked model. Gives its revision. */
export async function nextRevision(tx: Transaction, model: Model): Promise<number> {
  model.revision += 1;
  await tx.manager.update(
    Model,
    { name: model.name },
    { revision: model.revision, latestVersion: model.latestVersion },
  );
  return model.revision;
}

/** Key of the advisory lock between those who keep files and those who sweep them. */
const SWEEP_LOCK = 7_304_001;

/** Until the end of the transaction nothing is swept: the files that it keeps have no committed version yet. */
export async function letNobodySweep(tx: Transaction): Promise<void> {
  await tx.query('select pg_advisory_xact_lock_shared($1)', [SWEEP_LOCK]);
}

/** Waits until every file that is kept has its version committed, and lets nobody keep one until the end. */
export async function letNobodyKeep(tx: Transaction): Promise<void> {
  await tx.query('select pg_advisory_xact_lock($1)', [SWEEP_LOCK]);
}

/** Of the digests, those that no version has. */
export async function unusedDigests(tx: Transaction, digests: readonly string[]): Promise<string[]> {
  const rows = await tx.query<{ digest: string }>(UNUSED, [digests]);
  return rows.map(({ digest }) => digest);
}

const UNUSED = `
  select digest from unnest($1::text[]) as stored (digest)
  except (
    select file ->> 'digest' from versions, jsonb_array_elements(files) as file
    union all select reference ->> 'digest' from versions
    union all select signature ->> 'digest' from versions
  )
`;
