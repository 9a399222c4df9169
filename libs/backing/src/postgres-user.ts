import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** Where what another user must reach is put, when our own folders are closed to him. */
export const OPEN_FOLDER = '/var/tmp';

/** Who runs Postgres: it refuses to run as root. */
export interface PostgresUser {
  readonly uid: number;
  readonly gid: number;
}

/** Undefined for a normal user, who runs it himself; for root, the first of `postgres` and `nobody` that exists. */
export function postgresUser(): PostgresUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    try {
      return { uid: idOf('-u', name), gid: idOf('-g', name) };
    } catch {
      continue;
    }
  }
  throw new Error('Postgres does not run as root, and there is no user "postgres" or "nobody" to run it as');
}

/** A place for the data that the user can reach: the wished one, or one outside of closed folders. */
export function reachableDataDir(wished: string, user: PostgresUser | undefined): string {
  const folder = resolve(wished);
  if (!user || isOpen(dirname(folder))) return folder;
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 12);
  return join(OPEN_FOLDER, `baton-postgres-${name}`);
}

/** Whether everybody may pass through every folder above, and through this one. */
export function isOpen(folder: string): boolean {
  for (let path = resolve(folder); ; path = dirname(path)) {
    if (existsSync(path) && (statSync(path).mode & 0o001) === 0) return false;
    if (path === dirname(path)) return true;
  }
}

function idOf(which: '-u' | '-g', name: string): number {
  return Number(execFileSync('id', [which, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
}
