import type { AliasChanged, ModelVersionFact, VersionStatus } from '@baton/contracts';
import type { Transaction } from '@baton/database';
import type { ReleasedVersion } from './version.entity.js';

const PUT_VERSION = `
  insert into versions (model, version, project, digest, status, revision, release)
  values ($1, $2, $3, $4, $5, $6, $7)
  on conflict (model, version) do update
    set project = excluded.project, digest = excluded.digest, status = excluded.status,
        revision = excluded.revision, release = excluded.release
    where versions.revision < excluded.revision
`;

const PUT_ALIAS = `
  insert into aliases (model, alias, project, version, revision)
  values ($1, $2, $3, $4, $5)
  on conflict (model, alias) do update
    set project = excluded.project, version = excluded.version, revision = excluded.revision
    where aliases.revision < excluded.revision
`;

/** Takes a fact over, unless one of a later revision is known. */
export async function putVersion(
  tx: Transaction,
  { model, version, project, digest, revision }: ModelVersionFact,
  { status, release }: { status: VersionStatus; release?: ReleasedVersion },
): Promise<void> {
  const json = release ? JSON.stringify(release) : null;
  await tx.query(PUT_VERSION, [model, version, project, digest, status, revision, json]);
}

/** Takes a move of an alias over, unless a later one is known. */
export async function putAlias(tx: Transaction, { model, alias, project, to, revision }: AliasChanged): Promise<void> {
  await tx.query(PUT_ALIAS, [model, alias, project, to, revision]);
}
