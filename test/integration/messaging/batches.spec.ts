import { newId, type ReplicaReported } from '@baton/contracts';
import {
  EventProducer,
  listDeadLetters,
  OnBatch,
  OnIdle,
  replayDeadLetters,
  type BatchContext,
  type BatonEventAt,
  type IdleContext,
} from '@baton/messaging';
import { testDatabase, testKafka, waitFor, type TestDatabase, type TestKafka } from '@baton/testing';
import { Controller } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { LEDGER_SCHEMA, ledgerTables, startLedger, type Ledger } from './ledger.js';

interface Seen {
  partition: number;
  offsets: string[];
  highWatermark: string;
  atEnd: boolean;
}

const type = 'replica.reported';
const batches: Seen[] = [];
const idle: { partition: number; highWatermark: string }[] = [];
const broken = new Set<string>();
let idleFailures = 0;

@Controller()
class ReportsConsumer {
  @OnBatch('replica.reported')
  async reported(batch: BatonEventAt<'replica.reported'>[], context: BatchContext): Promise<void> {
    const { tx, partition, highWatermark, atEnd } = context;
    batches.push({ partition, offsets: batch.map(({ offset }) => offset), highWatermark, atEnd });
    for (const { id, data } of batch) {
      await tx.query('insert into effect (event_id, model, revision) values ($1, $2, $3)', [
        id,
        data.replica,
        data.revision,
      ]);
    }
    const bad = batch.find(({ data }) => broken.has(data.replica));
    if (bad) throw new RangeError(`${bad.data.replica} is too much`);
  }

  @OnIdle('replica.reported')
  async silent(partition: number, { tx, highWatermark }: IdleContext): Promise<void> {
    await tx.query('select 1');
    if (idleFailures > 0) {
      idleFailures -= 1;
      throw new Error('not now');
    }
    idle.push({ partition, highWatermark });
  }
}

let kafka: TestKafka;
let database: TestDatabase;
let ledger: Ledger;

const report = (replica: string, revision: number): ReplicaReported => ({
  replica,
  revision,
  routes: [],
  leaving: false,
  reportedAt: new Date().toISOString(),
});
const send = (reports: ReplicaReported[]) =>
  ledger.service.app.get(EventProducer).send(reports.map((data) => ({ type, data })));
const revisionsOf = async (replica: string) => {
  const sql = 'select revision from effect where model = $1 order by id';
  return (await database.query<{ revision: number }>(sql, [replica])).map(({ revision }) => revision);
};
const reached = (replica: string, count: number) =>
  waitFor(async () => ((await revisionsOf(replica)).length >= count ? true : undefined));
const start = async () => {
  ledger = await startLedger({
    ...kafka,
    databaseUrl: database.url,
    controllers: [ReportsConsumer],
    tuning: { firstPauseMs: 5, maxPauseMs: 20, maxTries: 3, maxBatch: 40, idleMs: 400 },
  });
};

beforeAll(async () => {
  [kafka, database] = await Promise.all([testKafka(), testDatabase(LEDGER_SCHEMA)]);
  await database.query(ledgerTables);
});

afterEach(() => ledger?.service.close());

afterAll(() => database?.drop());

describe('a batch', () => {
  it('is many events of one partition, in order, and knows the end', async () => {
    await start();
    const replica = newId();
    batches.length = 0;
    await send(Array.from({ length: 100 }, (_, index) => report(replica, index + 1)));
    await reached(replica, 100);

    expect(await revisionsOf(replica)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    const partition = batches[0]?.partition;
    expect(batches.every((batch) => batch.partition === partition && batch.offsets.length <= 40)).toBe(true);
    expect(batches.length).toBeLessThan(20);
    const last = batches.at(-1);
    expect(last?.atEnd).toBe(true);
    expect(BigInt(last?.highWatermark ?? 0)).toBe(BigInt(last?.offsets.at(-1) ?? 0) + 1n);
    expect(
      batches
        .filter(({ highWatermark, offsets }) => BigInt(offsets.at(-1) ?? 0) + 1n < BigInt(highWatermark))
        .every(({ atEnd }) => !atEnd),
    ).toBe(true);
  });

  it('that fails is taken apart: the bad event goes aside, the others pass once', async () => {
    await start();
    const [good, bad] = [newId(), newId()];
    broken.add(bad);
    const mixed = Array.from({ length: 30 }, (_, index) => [
      report(good, index + 1),
      ...(index === 11 ? [report(bad, 1)] : []),
    ]);
    await send(mixed.flat());
    await reached(good, 30);
    const letter = await waitFor(async () =>
      (await listDeadLetters({ ...kafka, type })).find(({ key }) => key === bad),
    );

    expect(letter).toMatchObject({ tries: 3, error: `RangeError: ${bad} is too much` });
    expect(await revisionsOf(good)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
    expect(await revisionsOf(bad)).toEqual([]);
    broken.delete(bad);
    await replayDeadLetters({ ...kafka, type, all: true });
    await reached(bad, 1);
  });

  it('of a partition that is read to its end and silent is followed by one idle call, also after a restart', async () => {
    await start();
    const replica = newId();
    idle.length = 0;
    idleFailures = 1;
    await waitFor(() => (new Set(idle.map(({ partition }) => partition)).size === 3 ? true : undefined));
    expect(idle).toHaveLength(3);
    await send([report(replica, 1)]);
    await waitFor(() => (idle.length === 4 ? true : undefined));

    const last = batches.at(-1);
    expect(idle.at(-1)).toEqual({ partition: last?.partition, highWatermark: last?.highWatermark });
    expect(await revisionsOf(replica)).toEqual([1]);
  });
});
