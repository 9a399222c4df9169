import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { partOf, sweepParts } from './part-files.js';
import type { PostgresUser } from './postgres-user.js';

export const SUPERUSER = 'baton_admin';
export const PROGRAM_ENV = { PATH: '/usr/bin:/bin', LC_ALL: 'C' };
const run = promisify(execFile);

/** A folder with the data of a Postgres. */
export interface DataFolder {
  readonly dataDir: string;
  readonly passwordFile: string;
  /** Whether the data lies outside of the wished folder, which its user cannot reach. */
  readonly moved: boolean;
  readonly user: PostgresUser | undefined;
  readonly durable: boolean;
}

/**
 * Makes the data unless they are there, and gives the superuser's password.
 * @throws Error when the password of data that are there is lost
 */
export async function prepareData(bin: string, folder: DataFolder): Promise<string> {
  const { dataDir, passwordFile } = folder;
  if (isInitialised(dataDir) && !existsSync(passwordFile)) {
    if (!folder.moved)
      throw new Error(
        `${passwordFile} is gone, and with it the password of ${dataDir}: put it back, or remove the data to start anew`,
      );
    // Whoever removed the folder meant its data, too.
    rmSync(dataDir, { recursive: true });
  }
  const password = keptPassword(passwordFile);
  if (!isInitialised(dataDir)) await initialise(bin, folder, password);
  return password;
}

function isInitialised(dataDir: string): boolean {
  return existsSync(join(dataDir, 'PG_VERSION'));
}

/** Made in a folder beside and moved, so that a run that dies half-way leaves nothing that looks finished. */
async function initialise(bin: string, { dataDir, user, durable }: DataFolder, password: string): Promise<void> {
  const part = partOf(dataDir);
  const passwordFile = `${part}.password`;
  mkdirSync(dirname(dataDir), { recursive: true });
  sweepParts(dirname(dataDir), basename(dataDir));
  mkdirSync(part, { mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600, flag: 'wx' });
  if (user) [part, passwordFile].forEach((path) => chownSync(path, user.uid, user.gid));
  const flags = ['--encoding=UTF8', '--locale=C', '--auth=scram-sha-256', `--username=${SUPERUSER}`];
  const args = ['-D', part, ...flags, `--pwfile=${passwordFile}`, ...(durable ? [] : ['--no-sync'])];
  try {
    await run(join(bin, 'initdb'), args, { ...user, cwd: '/', timeout: 60_000, env: PROGRAM_ENV });
    renameSync(part, dataDir);
  } finally {
    rmSync(passwordFile, { force: true });
    rmSync(part, { recursive: true, force: true });
  }
}

function keptPassword(file: string): string {
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('hex'), { mode: 0o600 });
  return readFileSync(file, 'utf8').trim();
}
