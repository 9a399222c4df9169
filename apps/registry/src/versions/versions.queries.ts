import type { Transaction } from '@baton/database';
import type { EntityManager } from 'typeorm';
import { Model } from '../models/model.entity.js';
import { Version } from './version.entity.js';

/** Versions of a model, newest first, one more than `limit`. */
export function listVersions(
  manager: EntityManager,
  model: string,
  { limit, before }: { limit: number; before?: number },
): Promise<Version[]> {
  const query = manager
    .createQueryBuilder(Version, 'version')
    .where('version.model = :model', { model })
    .orderBy('version.version', 'DESC')
    .limit(limit + 1);
  if (before !== undefined) query.andWhere('version.version < :before', { before });
  return query.getMany();
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

/** Of the digests, those that no version has. */
export async function unusedDigests(manager: EntityManager, digests: readonly string[]): Promise<string[]> {
  const rows: { digest: string }[] = await manager.query(UNUSED, [digests]);
  return rows.map(({ digest }) => digest);
}

const UNUSED = `
  select digest from unnest($1::text[]) as digest
  where not exists (
    select from versions
    where files @> jsonb_build_array(jsonb_build_object('digest', digest))
       or reference @> jsonb_build_object('digest', digest)
  )
`;
