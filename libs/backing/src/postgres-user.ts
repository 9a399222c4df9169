import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** Where what another user must reach is put, when our own folders are closed to him. */
const OPEN_FOLDER = '/var/tmp';

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

/**
 * A copy of the programs that the user can reach, or the programs themselves.
 * @param native folder with `bin`, `lib` and `share`
 */
export function reachablePrograms(native: string, version: string, user: PostgresUser | undefined): string {
  if (!user || isOpen(native)) return native;
  const copy = join(OPEN_FOLDER, `baton-postgres-programs-${version}`);
  if (existsSync(copy)) {
    if (statSync(copy).uid !== 0) throw new Error(`${copy} belongs to somebody else: remove it`);
    return copy;
  }
  const part = `${copy}.part-${process.pid}`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { mode: 0o755 });
  cpSync(native, part, { recursive: true, verbatimSymlinks: true });
  renameSync(part, copy);
  return copy;
}

/** Whether everybody may pass through every folder above, and through this one. */
function isOpen(folder: string): boolean {
  for (let path = resolve(folder); ; path = dirname(path)) {
    if (existsSync(path) && (statSync(path).mode & 0o001) === 0) return false;
    if (path === dirname(path)) return true;
  }
}

function idOf(which: '-u' | '-g', name: string): number {
  return Number(execFileSync('id', [which, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
}
