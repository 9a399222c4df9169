import { ensureTopics } from '@baton/messaging';
import type { RunningService } from '@baton/service';
import { dedicatedKafka, testDatabase, waitFor, type DedicatedKafka, type TestDatabase } from '@baton/testing';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareCourier, Sender, startCourier } from './courier.js';

const SENDERS = 4;
const FLOWS_WITHIN_MS = 15_000;

let database: TestDatabase;
let kafka: DedicatedKafka;
let service: RunningService;
let said = 0;
let isSending = true;
let senders: Promise<void>[];

const count = async () => Number((await database.query<{ n: string }>('select count(*) as n from effects'))[0]?.n);

/** Facts go on being said, whatever happens to the broker: that is what the outbox is for. */
async function keepSaying(sender: Sender): Promise<void> {
  while (isSending) {
    await sender.say((said += 1));
    await pause(2);
  }
}

/** Milliseconds from now until something said after now has had its effect. */
async function timeUntilFlow(): Promise<number> {
  const [begin, from] = [Date.now(), said];
  await waitFor(
    async () => {
      const rows = await database.query('select from effects where n > $1 limit 1', [from]);
      return rows.length > 0 ? true : undefined;
    },
    { what: 'effects of new facts', timeoutMs: 60_000 },
  );
  return Date.now() - begin;
}

beforeAll(async () => {
  kafka = await dedicatedKafka();
  await ensureTopics(kafka.brokers, '');
  database = await testDatabase('courier');
  await prepareCourier(database.url);
  service = await startCourier({ url: database.url, brokers: kafka.brokers, prefix: '', inbox: true });
  senders = Array.from({ length: SENDERS }, () => keepSaying(service.app.get(Sender)));
  await waitFor(async () => ((await count()) > 0 ? true : undefined), { what: 'the first effect', timeoutMs: 30_000 });
}, 90_000);

afterAll(async () => {
  isSending = false;
  await Promise.allSettled(senders ?? []);
  await service?.close();
  await kafka?.remove();
  await database?.drop();
}, 60_000);

describe('a broker', () => {
  it.each([3, 30])('killed for %i s: flows again within 15 s', { timeout: 120_000 }, async (seconds) => {
    await kafka.kill();
    const before = said;
    await pause(seconds * 1000);
    expect(said).toBeGreaterThan(before);
    await kafka.start();
    expect(await timeUntilFlow()).toBeLessThan(FLOWS_WITHIN_MS);
  });

  it('frozen for 20 s: flows again within 15 s', { timeout: 120_000 }, async () => {
    kafka.pause();
    const before = said;
    await pause(20_000);
    expect(said).toBeGreaterThan(before);
    kafka.resume();
    expect(await timeUntilFlow()).toBeLessThan(FLOWS_WITHIN_MS);
  });

  it(
    'has lost nothing through all of it, done nothing twice, and kept the order of each key',
    { timeout: 120_000 },
    async () => {
      isSending = false;
      await Promise.all(senders);
      await waitFor(async () => ((await count()) >= said ? true : undefined), {
        what: 'the last effects',
        timeoutMs: 90_000,
      });
      const rows = await database.query<{ key: string; n: number }>('select key, n from effects order by at');
      expect(rows).toHaveLength(said);
      expect(new Set(rows.map(({ n }) => n)).size).toBe(said);
      // Facts of a key are said under a lock, so the order of their rows is that of their commits.
      const facts = await database.query<{ key: string; n: number }>('select key, n from facts order by at');
      for (const key of new Set(facts.map((fact) => fact.key))) {
        const of = (all: typeof rows) => all.filter((one) => one.key === key).map(({ n }) => n);
        expect(of(rows)).toEqual(of(facts));
      }
    },
  );
});
