import { newId } from '@baton/contracts';
import { ensureTopics, EventProducer, MessagingOptions } from '@baton/messaging';
import {
  collectEvents,
  dedicatedKafka,
  testDatabase,
  waitFor,
  type DedicatedKafka,
  type TestDatabase,
} from '@baton/testing';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LEDGER_SCHEMA, ledgerTables, startLedger, type Ledger } from '../integration/messaging/ledger.js';
import { applied, committed, EffectConsumer, isThrough } from './effects.js';
import { isFull } from './is-full.js';

/** In the end everywhere; within 15 s on a machine that does nothing else. */
const FLOWS_AGAIN_WITHIN_MS = isFull ? 15_000 : 60_000;
const SENDERS = 4;
/** About 150 changes and 150 acknowledged events a second: a burden, and yet caught up with in seconds. */
const PAUSE_MS = 20;

let database: TestDatabase;
let kafka: DedicatedKafka;
let ledger: Ledger;
let producer: EventProducer;
let sending = true;
let senders: Promise<void>[] = [];
/** Ids that were acknowledged, by replica, in order. */
const acknowledged = new Map<string, string[]>();

/** A service with an outbox: changes go on being committed, whatever happens to the broker. */
async function keepChanging(sender: number): Promise<void> {
  for (let count = 0; sending; count += 1) {
    await ledger.change(`model-${(sender + count) % 3}`);
    await pause(PAUSE_MS);
  }
}

/** A service without one: the next is sent when the last one is acknowledged. */
async function keepSending(): Promise<void> {
  const replica = newId();
  const ids: string[] = [];
  acknowledged.set(replica, ids);
  for (let revision = 1; sending; revision += 1) {
    const id = newId();
    const data = { replica, revision, routes: [], leaving: false, reportedAt: new Date().toISOString() };
    await producer.send([{ type: 'replica.reported', id, data }]);
    ids.push(id);
    await pause(PAUSE_MS);
  }
}

const acknowledgedCounts = () => [...acknowledged.values()].map((ids) => ids.length);
const effectCount = async () => (await database.query('select from effect')).length;

/** A change has an effect again, and each sender has something acknowledged again. */
async function flow(): Promise<void> {
  const effects = await effectCount();
  const before = acknowledgedCounts();
  await waitFor(
    async () => {
      const everybody = acknowledgedCounts().every((count, index) => count > (before[index] ?? 0) + 1);
      return everybody && (await effectCount()) > effects ? true : undefined;
    },
    { timeoutMs: FLOWS_AGAIN_WITHIN_MS, what: 'flow' },
  );
}

beforeAll(async () => {
  kafka = await dedicatedKafka();
  const prefix = 'outage.';
  await ensureTopics(kafka.brokers, prefix);
  database = await testDatabase(LEDGER_SCHEMA);
  await database.query(ledgerTables);
  const settings = { brokers: kafka.brokers, prefix };
  ledger = await startLedger({ ...settings, databaseUrl: database.url, controllers: [EffectConsumer] });
  producer = new EventProducer(new MessagingOptions({ ...settings, service: 'inference', outbox: false }));
  const each = Array.from({ length: SENDERS }, (_, index) => index);
  senders = [...each.map((sender) => keepChanging(sender)), ...each.map(() => keepSending())];
  await waitFor(async () => ((await effectCount()) > 0 ? true : undefined), { timeoutMs: 30_000, what: 'flow' });
});

afterAll(async () => {
  sending = false;
  await producer?.onModuleDestroy();
  await Promise.allSettled(senders);
  await ledger?.service.close();
  await kafka?.remove();
  await database?.drop();
});

describe('under load, a broker', { timeout: 150_000 }, () => {
  it.each([3, 30])('killed for %i s is no reason to stop, and flows again', async (seconds) => {
    await kafka.kill();
    const before = await committed(database);
    await pause(seconds * 1000);
    expect(Object.values(await committed(database)).flat().length).toBeGreaterThan(Object.values(before).flat().length);
    expect(await ledger.missing()).toEqual({});
    await kafka.start();

    await flow();
  });

  it('frozen for 20 s flows again', async () => {
    kafka.pause();
    await pause(20_000);
    expect(await ledger.missing()).toEqual({});
    kafka.resume();

    await flow();
  });

  it('has lost nothing that was committed or acknowledged, and kept the order of each key', async () => {
    sending = false;
    await Promise.all(senders);
    await waitFor(() => isThrough(database), { timeoutMs: 60_000, what: 'the last effect' });
    expect(await applied(database)).toEqual(await committed(database));

    const events = collectEvents({ brokers: kafka.brokers, prefix: 'outage.' }, ['replica.reported']);
    for (const [replica, ids] of acknowledged) {
      const last = ids.at(-1);
      await events.waitFor('replica.reported', ({ id }) => id === last, 30_000);
      const arrived = events.of('replica.reported').filter(({ subject }) => subject === replica);
      // What comes twice is known by its id; the first of each counts.
      expect([...new Set(arrived.map(({ id }) => id))]).toEqual(ids);
    }
    await events.stop();
  });
});
