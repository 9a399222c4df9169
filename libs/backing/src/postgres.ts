import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { assertPortFree } from './free-ports.js';
import { prepareData, PROGRAM_ENV, SUPERUSER } from './postgres-data.js';
import { postgresPrograms } from './postgres-programs.js';
import { postgresUser, reachableDataDir } from './postgres-user.js';
import { readPostmaster, signalBackends, stopStalePostmaster } from './postmaster.js';
import { stopStale } from './process-file.js';
import { startServer, whenAnswering, type ServerOptions, type ServerProcess } from './server-process.js';

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
  /** Where its data is: elsewhere than wished if its user could not reach that. */
  readonly dataDir: string;
  readonly pid: number;
  /** SIGSTOP and SIGCONT reach every connection's process, too. */
  kill(signal: NodeJS.Signals): void;
  stop(): Promise<void>;
}

const DATABASE = 'baton';
const START_TRIES = 5;
const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 20_000;
const FAST = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];

/**
 * Starts Postgres on the data of the folder, which is made at the first start. One that a killed run left behind on
 * it is stopped first. As root it runs as `postgres` or `nobody`.
 * @throws PortInUseError
 * @throws InUseError when another process that runs has started one on the data
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const wished = resolve(options.dataDir);
  const runDir = options.runDir ?? dirname(wished);
  mkdirSync(runDir, { recursive: true });
  const user = postgresUser();
  const dataDir = reachableDataDir(wished, user);
  const moved = dataDir !== wished;
  if (moved) options.onProgress?.(`its data is in ${dataDir}, since the folder is closed to its user`);
  const bin = postgresPrograms(user);
  const server = serverOptions(join(bin, 'postgres'), dataDir, runDir, options);
  await stopStale(server.pidFile, 'SIGINT', STOP_TIMEOUT_MS);
  await stopStalePostmaster(dataDir, STOP_TIMEOUT_MS);
  const durable = options.durable !== false;
  const passwordFile = join(runDir, 'postgres.superuser');
  const password = await prepareData(bin, { dataDir, passwordFile, moved, user, durable });
  await assertPortFree(server.name, options.port);
  const started = await startWithRetries({ ...server, ...user }, dataDir, options);
  const url = (database: string) => `postgres://${SUPERUSER}:${password}@127.0.0.1:${options.port}/${database}`;
  try {
    await createDatabase(url('postgres'));
  } catch (error) {
    await started.stop();
    throw error;
  }
  return runningPostgres(started, url(DATABASE), dataDir);
}

function runningPostgres(server: ServerProcess, url: string, dataDir: string): RunningPostgres {
  return {
    url,
    dataDir,
    pid: server.pid,
    kill: (signal) => {
      server.kill(signal);
      if (signal === 'SIGSTOP' || signal === 'SIGCONT') signalBackends(server.pid, signal);
    },
    stop: async () => {
      signalBackends(server.pid, 'SIGCONT');
      await server.stop();
    },
  };
}

function serverOptions(command: string, dataDir: string, runDir: string, options: PostgresOptions): ServerOptions {
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=100',
    'shared_buffers=64MB',
    ...(options.durable === false ? FAST : []),
  ];
  return {
    name: 'Postgres',
    command,
    args: ['-D', dataDir, '-p', String(options.port), ...settings.flatMap((setting) => ['-c', setting])],
    cwd: '/',
    pidFile: join(runDir, 'postgres.pid'),
    logFile: join(runDir, 'postgres.log'),
    stopSignal: 'SIGINT',
    stopTimeoutMs: STOP_TIMEOUT_MS,
    env: PROGRAM_ENV,
  };
}

/** Shared memory of a killed one takes a while to go. */
async function startWithRetries(
  server: ServerOptions,
  dataDir: string,
  options: PostgresOptions,
): Promise<ServerProcess> {
  for (let tries = 1; ; tries += 1) {
    const started = startServer(server);
    const isReady = () => {
      const postmaster = readPostmaster(dataDir);
      return postmaster?.pid === started.pid && postmaster.ready;
    };
    try {
      await whenAnswering(started, server, isReady, START_TIMEOUT_MS);
      return started;
    } catch (error) {
      if (tries === START_TRIES) throw error;
      options.onProgress?.('trying again');
      await pause(500);
    }
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
