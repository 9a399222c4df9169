import { crashPoints } from '@baton/messaging';
import { testDatabase, testKafka, waitFor, type TestDatabase, type TestKafka } from '@baton/testing';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { prepareCourier } from './courier.js';

const FACTS = 40;
const loader = import.meta.resolve('@swc-node/register/esm-register');
const main = fileURLToPath(new URL('./courier-main.ts', import.meta.url));

interface Effect {
  event_id: string;
  key: string;
  n: number;
}

/** One courier with its database and topics. */
class Scene {
  private readonly running: ChildProcess[] = [];

  private constructor(
    private readonly database: TestDatabase,
    private readonly kafka: TestKafka,
  ) {}

  static async set(): Promise<Scene> {
    const database = await testDatabase('courier');
    await prepareCourier(database.url);
    return new Scene(database, await testKafka());
  }

  /** Dies at the point, starts again without it, and waits until every fact has had an effect and nothing is on its way. */
  async crashAndRecover(point: string, inbox: boolean): Promise<Effect[]> {
    const [code, signal] = (await once(this.start(inbox, point), 'exit')) as [number | null, string | null];
    expect([code, signal]).toEqual([null, 'SIGKILL']);
    this.start(inbox);
    await waitFor(
      async () => {
        const seen = new Set((await this.effects()).map(({ n }) => n));
        const waiting = await this.database.query('select from outbox');
        return seen.size === FACTS && waiting.length === 0 ? true : undefined;
      },
      { what: 'all effects', timeoutMs: 60_000 },
    );
    return this.effects();
  }

  effects(): Promise<Effect[]> {
    return this.database.query<Effect>('select event_id, key, n from effects order by at');
  }

  async facts(): Promise<number[]> {
    return (await this.database.query<{ n: number }>('select n from facts order by n')).map(({ n }) => n);
  }

  async clear(): Promise<void> {
    for (const child of this.running) await kill(child);
    await this.database.drop();
  }

  private start(inbox: boolean, crashAt?: string): ChildProcess {
    const options = { url: this.database.url, ...this.kafka, inbox, facts: FACTS, ...(crashAt ? { crashAt } : {}) };
    const child = spawn(process.execPath, ['--import', loader, main, JSON.stringify(options)], { stdio: 'ignore' });
    this.running.push(child);
    return child;
  }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** Runs the test on a scene of its own: most of its time is waiting for Kafka to miss the dead, so several run at once. */
async function onScene(test: (scene: Scene) => Promise<void>): Promise<void> {
  const scene = await Scene.set();
  try {
    await test(scene);
  } finally {
    await scene.clear();
  }
}

function orderOf(all: readonly Effect[]): Map<string, number[]> {
  const byKey = new Map<string, number[]>();
  for (const { key, n } of all) byKey.set(key, [...(byKey.get(key) ?? []), n]);
  return byKey;
}

describe('killed at any point', () => {
  it.concurrent.each(crashPoints)(
    '%s: loses nothing, invents nothing, does nothing twice, and keeps the order of each key',
    { timeout: 120_000 },
    (point) =>
      onScene(async (scene) => {
        const all = await scene.crashAndRecover(`${point}:2`, true);
        const facts = await scene.facts();
        expect(facts).toEqual(Array.from({ length: FACTS }, (_, i) => i + 1));
        expect(all.map(({ n }) => n).sort((a, b) => a - b)).toEqual(facts);
        expect(new Set(all.map(({ event_id }) => event_id)).size).toBe(FACTS);
        for (const order of orderOf(all).values()) expect(order).toEqual(order.toSorted((a, b) => a - b));
      }),
  );
});

describe('without the inbox', () => {
  it.concurrent.each(['relay.before-delete:1', 'consume.before-offset:1'])(
    'killed at %s, something happens twice',
    { timeout: 120_000 },
    (point) =>
      onScene(async (scene) => {
        const all = await scene.crashAndRecover(point, false);
        const twice = async () => ((await scene.effects()).length > FACTS ? true : undefined);
        await waitFor(twice, { what: 'a double effect' });
        expect(new Set(all.map(({ n }) => n)).size).toBe(FACTS);
      }),
  );
});
