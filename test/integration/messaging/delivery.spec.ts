import { newId } from '@baton/contracts';
import { ensureTopics, listDeadLetters, OnEvent, type DataEvent, type EventContext } from '@baton/messaging';
import { ServiceError } from '@baton/service';
import { testDatabase, testKafka, waitFor, type TestDatabase, type TestKafka } from '@baton/testing';
import { Controller } from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { aliasRecord, ForeignProducer } from './foreign-producer.js';
import { LEDGER_SCHEMA, ledgerTables, startLedger, writeEffect, type Ledger } from './ledger.js';

/** What a handler does with a model beside its effect. */
const behaviours = new Map<string, () => Promise<void>>();
const calls: string[] = [];

@Controller()
class AliasConsumer {
  @OnEvent('alias.changed')
  async changed(event: DataEvent<'alias.changed'>, { tx }: EventContext): Promise<void> {
    calls.push(event.data.model);
    await behaviours.get(event.data.model)?.();
    await writeEffect(tx, event);
  }
}

let kafka: TestKafka;
let database: TestDatabase;
let producer: ForeignProducer;
let ledgers: Ledger[] = [];

const name = (what: string) => `${what}-${newId()}`;
const revisionsOf = async (model: string) => {
  const sql = 'select revision from effect where model = $1 order by id';
  return (await database.query<{ revision: number }>(sql, [model])).map(({ revision }) => revision);
};
const effectOf = (model: string, timeoutMs = 15_000) =>
  waitFor(async () => ((await revisionsOf(model)).length > 0 ? true : undefined), {
    what: `an effect of ${model}`,
    timeoutMs,
  });
const start = async (settings: Partial<Parameters<typeof startLedger>[0]> = {}) => {
  const tuning = { firstPauseMs: 10, maxPauseMs: 50, maxTries: 3, ...settings.tuning };
  const options = { ...kafka, databaseUrl: database.url, controllers: [AliasConsumer], ...settings, tuning };
  const ledger = await startLedger(options);
  ledgers.push(ledger);
  return ledger;
};

beforeAll(async () => {
  [kafka, database] = await Promise.all([testKafka(), testDatabase(LEDGER_SCHEMA)]);
  await database.query(ledgerTables);
  producer = await ForeignProducer.connect(kafka);
});

afterEach(async () => {
  await Promise.all(ledgers.map(({ service }) => service.close()));
  ledgers = [];
});

afterAll(async () => {
  await producer?.disconnect();
  await database?.drop();
});

describe('an event', () => {
  it('that comes several times, in one batch and later, has one effect', async () => {
    await start();
    const [twice, last] = [name('twice'), name('last')];
    const record = aliasRecord(twice, { partition: 0 });
    await producer.send('alias.changed', [record, record, aliasRecord(name('between'), { partition: 0 }), record]);
    await effectOf(twice);
    // Its twin on another partition is somebody else's at the same time.
    await producer.send('alias.changed', [record, { ...record, partition: 1 }, { ...record, partition: 2 }]);
    await producer.send(
      'alias.changed',
      [0, 1, 2].map((partition) => aliasRecord(last, { partition })),
    );
    await waitFor(async () => ((await revisionsOf(last)).length === 3 ? true : undefined));

    expect(await revisionsOf(twice)).toEqual([1]);
  });

  it('comes in the order of its key, also when some of its neighbours fail', async () => {
    await start({ tuning: { maxBatch: 20 } });
    const models = [name('a'), name('b'), name('c'), name('d')];
    const failing = name('failing');
    behaviours.set(failing, () => Promise.reject(new Error('no')));
    const records = Array.from({ length: 100 }, (_, index) => [
      ...models.map((model) => aliasRecord(model, {}, index + 1)),
      ...(index % 30 === 7 ? [aliasRecord(failing, {}, index)] : []),
    ]).flat();
    await producer.send('alias.changed', records);
    for (const model of models) {
      await waitFor(async () => ((await revisionsOf(model)).length === 100 ? true : undefined), { timeoutMs: 30_000 });
      expect(await revisionsOf(model)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    }
    expect(await revisionsOf(failing)).toEqual([]);
  });

  it('that is older than what came before is delivered too: the handler compares revisions', async () => {
    await start();
    const model = name('late');
    await producer.send('alias.changed', [aliasRecord(model, {}, 2), aliasRecord(model, {}, 1)]);
    await waitFor(async () => ((await revisionsOf(model)).length === 2 ? true : undefined));

    expect(await revisionsOf(model)).toEqual([2, 1]);
  });

  it('that waits for somebody who is away waits without limit, and holds up no other partition', async () => {
    await start();
    const [waiting, behind, beside] = [name('waiting'), name('behind'), name('beside')];
    let away = true;
    behaviours.set(waiting, () => {
      const gone = new ServiceError('scorer-away', 'not there', { status: 503, retriable: true });
      return away ? Promise.reject(gone) : Promise.resolve();
    });
    await producer.send('alias.changed', [
      aliasRecord(waiting, { partition: 0 }),
      aliasRecord(behind, { partition: 0 }),
      aliasRecord(beside, { partition: 1 }),
    ]);
    await effectOf(beside);
    await waitFor(() => (calls.filter((model) => model === waiting).length > 12 ? true : undefined));
    expect(await revisionsOf(behind)).toEqual([]);
    away = false;
    await effectOf(behind);

    expect(await revisionsOf(waiting)).toEqual([1]);
    expect((await listDeadLetters({ ...kafka })).map(({ key }) => key)).not.toContain(waiting);
  });

  it('whose handler is slower than the session keeps its partition, and is handled once', async () => {
    const [slow, behind, beside] = [name('slow'), name('behind'), name('beside')];
    await start({ tuning: { sessionTimeoutMs: 2000, heartbeatMs: 300 } });
    await start({ tuning: { sessionTimeoutMs: 2000, heartbeatMs: 300 } });
    const settled = name('settled');
    await producer.send(
      'alias.changed',
      [0, 1, 2].map((partition) => aliasRecord(settled, { partition })),
    );
    await waitFor(async () => ((await revisionsOf(settled)).length === 3 ? true : undefined), { timeoutMs: 30_000 });
    behaviours.set(slow, () => pause(8000));
    await producer.send('alias.changed', [aliasRecord(slow, { partition: 0 }), aliasRecord(behind, { partition: 0 })]);
    await waitFor(() => (calls.includes(slow) ? true : undefined));
    const began = Date.now();
    await producer.send(
      'alias.changed',
      [1, 2].map((partition) => aliasRecord(beside, { partition })),
    );
    await waitFor(async () => ((await revisionsOf(beside)).length === 2 ? true : undefined));
    expect(Date.now() - began).toBeLessThan(4000);
    await effectOf(behind, 20_000);

    expect(calls.filter((model) => model === slow)).toHaveLength(1);
    expect(await revisionsOf(slow)).toEqual([1]);
  });

  it('under another prefix is nobody’s business here', async () => {
    const other = { ...kafka, prefix: `${kafka.prefix}other.` };
    await ensureTopics(other.brokers, other.prefix);
    await start();
    const neighbour = await ForeignProducer.connect(other);
    const [there, here] = [name('there'), name('here')];
    await neighbour.send(
      'alias.changed',
      [0, 1, 2].map((partition) => aliasRecord(there, { partition })),
    );
    await producer.send(
      'alias.changed',
      [0, 1, 2].map((partition) => aliasRecord(here, { partition })),
    );
    await waitFor(async () => ((await revisionsOf(here)).length === 3 ? true : undefined));
    await neighbour.disconnect();

    expect(await revisionsOf(there)).toEqual([]);
  });
});

describe('a service', () => {
  it('that stops lets its handlers finish, and the next one goes on behind them', async () => {
    const ledger = await start();
    const [long, behind] = [name('long'), name('behind')];
    behaviours.set(long, () => pause(1500));
    await producer.send('alias.changed', [aliasRecord(long, { partition: 0 }), aliasRecord(behind, { partition: 0 })]);
    await waitFor(() => (calls.includes(long) ? true : undefined));
    await ledger.service.close();
    expect(await revisionsOf(long)).toEqual([1]);
    await start();
    await effectOf(behind);

    expect(calls.filter((model) => model === long)).toHaveLength(1);
  });

  it('whose topic is missing says so, and goes on by itself when it is there', async () => {
    const prefix = `${kafka.prefix}late.`;
    const ledger = await start({ prefix, tuning: { unreadyAfterMs: 300 } });
    const problem = await waitFor(async () => (await ledger.missing())['consumer alias.changed'], {
      timeoutMs: 30_000,
    });
    expect(problem).toMatch(/late\.alias\.changed is broken: .*topic/);
    await ensureTopics(kafka.brokers, prefix);

    await waitFor(async () => (Object.keys(await ledger.missing()).length === 0 ? true : undefined), {
      timeoutMs: 30_000,
    });
  });
});
