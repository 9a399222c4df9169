import type { EntityManager } from 'typeorm';

const OWNERS = `
  select distinct project, model, version from versions
  where files @> $1::jsonb or reference @> $2::jsonb or signature @> $2::jsonb
`;

/** A version that a file belongs to. */
export interface ArtifactOwner {
  readonly project: string;
  readonly model: string;
  readonly version: number;
}

/** The versions of which one of the files has the digest. */
export async function ownersOf(manager: EntityManager, digest: string): Promise<ArtifactOwner[]> {
  const file = { digest };
  return manager.query(OWNERS, [JSON.stringify([file]), JSON.stringify(file)]);
}
