import {
  freePorts,
  InUseError,
  isAlive,
  PortInUseError,
  recordOf,
  startPostgres,
  type RunningPostgres,
} from '@baton/backing';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ServersProcess } from './servers-process.js';

let home: string;
let port: number;
const running: RunningPostgres[] = [];

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'baton-backing-'));
  chmodSync(home, 0o755);
  [port = 0] = await freePorts(1);
});
afterEach(async () => {
  for (const postgres of running.splice(0)) {
    await postgres.stop();
    rmSync(postgres.dataDir, { recursive: true, force: true });
  }
  rmSync(home, { recursive: true });
});

async function start(folder = home): Promise<RunningPostgres> {
  const postgres = await startPostgres({ dataDir: join(folder, 'postgres'), port });
  running.push(postgres);
  return postgres;
}

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

const WRITE = 'create table kept as select 42 as answer';
const READ = 'select answer from kept';
const KEPT = [{ answer: 42 }];

describe('Postgres on this machine', () => {
  it('keeps its data and its password from one start to the next, and ends when it is stopped', async () => {
    const first = await start();
    await ask(first.url, WRITE);
    const record = recordOf(first.pid);
    await first.stop();
    expect(isAlive(record)).toBe(false);
    const second = await start();
    expect(second.url).toBe(first.url);
    await expect(ask(second.url, READ)).resolves.toEqual(KEPT);
  });

  it('lets nobody in without the password', async () => {
    const { url } = await start();
    await expect(ask(url.replace(/:[0-9a-f]+@/, ':wrong@'), 'select 1')).rejects.toThrow('password');
  });

  it('keeps what was committed when it is killed', async () => {
    const first = await start();
    await ask(first.url, WRITE);
    first.kill('SIGKILL');
    await first.stop();
    const second = await start();
    await expect(ask(second.url, READ)).resolves.toEqual(KEPT);
  });

  it('answers nothing while it is frozen, and again afterwards', async () => {
    const postgres = await start();
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    postgres.kill('SIGSTOP');
    let answered = false;
    const answer = client.query('select 1').finally(() => (answered = true));
    const other = new pg.Client({ connectionString: postgres.url, connectionTimeoutMillis: 500 });
    await expect(other.connect()).rejects.toThrow('timeout');
    expect(answered).toBe(false);
    postgres.kill('SIGCONT');
    await answer;
    await client.end();
  });
});

describe('Postgres that a killed process has left behind', () => {
  it('is stopped, and its data taken over', async () => {
    const earlier = await ServersProcess.start(home, { POSTGRES_PORT: port });
    const left = recordOf(earlier.postgres);
    await earlier.kill();
    expect(isAlive(left)).toBe(true);
    const postgres = await start();
    expect(isAlive(left)).toBe(false);
    await expect(ask(postgres.url, 'select 1 as one')).resolves.toEqual([{ one: 1 }]);
  });

  it('is stopped even if nobody has written it down', async () => {
    const earlier = await ServersProcess.start(home, { POSTGRES_PORT: port });
    const left = recordOf(earlier.postgres);
    await earlier.kill();
    rmSync(join(home, 'postgres.pid'));
    await start();
    expect(isAlive(left)).toBe(false);
  });

  it('is left alone while the process that started it runs', async () => {
    const other = await ServersProcess.start(home, { POSTGRES_PORT: port });
    const record = recordOf(other.postgres);
    await expect(start()).rejects.toThrow(InUseError);
    expect(isAlive(record)).toBe(true);
    await other.kill();
    await start();
  });
});

describe('Postgres that cannot start', () => {
  it('tells that its port is taken, and does not take the other one for itself', async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
    await expect(start()).rejects.toThrow(PortInUseError);
    await new Promise((done) => server.close(done));
    await start();
  });

  it('tells that the password of its data is lost', async () => {
    await (await start()).stop();
    rmSync(join(home, 'postgres.superuser'));
    await expect(start()).rejects.toThrow('postgres.superuser is gone');
    expect(existsSync(join(home, 'postgres', 'PG_VERSION'))).toBe(true);
  });

  it('tells the end of its log', async () => {
    await (await start()).stop();
    rmSync(join(home, 'postgres', 'global'), { recursive: true });
    await expect(start()).rejects.toThrow(/Postgres ended while starting.*postgres\.log:\n.*global/s);
  });
});

describe.runIf(process.getuid?.() === 0)('Postgres of root, in a folder that is closed to its user', () => {
  it('has its data elsewhere, and begins anew when the folder was removed', async () => {
    const closed = join(home, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const first = await start(closed);
    expect(first.dataDir).not.toMatch(home);
    await ask(first.url, WRITE);
    await first.stop();
    const second = await start(closed);
    await expect(ask(second.url, READ)).resolves.toEqual(KEPT);
    await second.stop();
    rmSync(closed, { recursive: true });
    mkdirSync(closed, { mode: 0o700 });
    const third = await start(closed);
    await expect(ask(third.url, READ)).rejects.toThrow('does not exist');
  });
});
