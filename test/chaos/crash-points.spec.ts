import { crashPoints } from '@baton/messaging';
import { testDatabase, testKafka, waitFor, type TestDatabase, type TestKafka } from '@baton/testing';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prepareCourier } from './courier.js';

const FACTS = 40;
const loader = import.meta.resolve('@swc-node/register/esm-register');
const main = fileURLToPath(new URL('./courier-main.ts', import.meta.url));

interface Effect {
  event_id: string;
  key: string;
  n: number;
}

let database: TestDatabase;
let kafka: TestKafka;
let running: ChildProcess[] = [];

beforeEach(async () => {
  database = await testDatabase('courier');
  kafka = await testKafka();
  await prepareCourier(database.url);
});

afterEach(async () => {
  for (const child of running) await kill(child);
  running = [];
  await database.drop();
});

function start(inbox: boolean, crashAt?: string): ChildProcess {
  const options = { url: database.url, ...kafka, inbox, facts: FACTS, ...(crashAt ? { crashAt } : {}) };
  const child = spawn(process.execPath, ['--import', loader, main, JSON.stringify(options)], { stdio: 'ignore' });
  running.push(child);
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

const effects = () => database.query<Effect>('select event_id, key, n from effects order by at');

/** Dies at the point, starts again without it, and waits until every fact has had an effect and nothing is on its way. */
async function crashAndRecover(point: string, inbox: boolean): Promise<Effect[]> {
  const doomed = start(inbox, point);
  const [code, signal] = (await once(doomed, 'exit')) as [number | null, string | null];
  expect([code, signal]).toEqual([null, 'SIGKILL']);
  start(inbox);
  await waitFor(
    async () => {
      const seen = new Set((await effects()).map(({ n }) => n));
      const waiting = await database.query('select from outbox');
      return seen.size === FACTS && waiting.length === 0 ? true : undefined;
    },
    { what: 'all effects', timeoutMs: 40_000 },
  );
  return effects();
}

function orderOf(all: readonly Effect[]): Map<string, number[]> {
  const byKey = new Map<string, number[]>();
  for (const { key, n } of all) byKey.set(key, [...(byKey.get(key) ?? []), n]);
  return byKey;
}

describe.each(crashPoints)('killed at %s', (point) => {
  it(
    'loses nothing, invents nothing, does nothing twice, and keeps the order of each key',
    { timeout: 60_000 },
    async () => {
      const all = await crashAndRecover(`${point}:2`, true);
      const facts = await database.query<{ n: number }>('select n from facts order by n');
      expect(facts.map(({ n }) => n)).toEqual(Array.from({ length: FACTS }, (_, i) => i + 1));
      expect(all.map(({ n }) => n).sort((a, b) => a - b)).toEqual(facts.map(({ n }) => n));
      expect(new Set(all.map(({ event_id }) => event_id)).size).toBe(FACTS);
      for (const order of orderOf(all).values()) expect(order).toEqual(order.toSorted((a, b) => a - b));
    },
  );
});

describe('without the inbox', () => {
  it.each(['relay.before-delete:1', 'consume.before-offset:1'])(
    'killed at %s, something happens twice',
    { timeout: 60_000 },
    async (point) => {
      const all = await crashAndRecover(point, false);
      await waitFor(async () => ((await effects()).length > FACTS ? true : undefined), { what: 'a double effect' });
      expect(new Set(all.map(({ n }) => n)).size).toBe(FACTS);
    },
  );
});
