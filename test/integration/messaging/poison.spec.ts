import { newId } from '@baton/contracts';
import {
  listDeadLetters,
  OnEvent,
  replayDeadLetters,
  type DataEvent,
  type DeadLetter,
  type EventContext,
} from '@baton/messaging';
import { testDatabase, testKafka, waitFor, type TestDatabase, type TestKafka } from '@baton/testing';
import { Controller } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aliasRecord, ForeignProducer } from './foreign-producer.js';
import { LEDGER_SCHEMA, ledgerTables, startLedger, writeEffect, type Ledger } from './ledger.js';

const broken = new Set<string>();
const hanging = new Set<string>();
const calls: string[] = [];
const signals: AbortSignal[] = [];

@Controller()
class AliasConsumer {
  @OnEvent('alias.changed')
  async changed(event: DataEvent<'alias.changed'>, { tx, signal }: EventContext): Promise<void> {
    const { model } = event.data;
    calls.push(model);
    await writeEffect(tx, event);
    if (broken.has(model)) throw new RangeError(`${model} is more than I can take`);
    if (!hanging.has(model)) return;
    signals.push(signal);
    await new Promise(() => undefined);
  }
}

let kafka: TestKafka;
let database: TestDatabase;
let ledger: Ledger;
let producer: ForeignProducer;

const type = 'alias.changed';
const name = (what: string) => `${what}-${newId()}`;
const effects = async () => {
  const rows = await database.query<{ model: string }>('select model from effect order by id');
  return rows.map(({ model }) => model);
};
const applied = (...models: string[]) =>
  waitFor(
    async () => {
      const there = await effects();
      return models.every((model) => there.includes(model)) ? there : undefined;
    },
    { what: `effects of ${models.join(', ')}` },
  );
const letterOf = (key: string, not?: DeadLetter) =>
  waitFor(
    async () => {
      const letters = await listDeadLetters({ ...kafka, type });
      return letters.find((letter) => letter.key === key && letter.offset !== not?.offset);
    },
    { what: `a dead letter of ${key}` },
  );
const replay = ({ offset }: DeadLetter) => replayDeadLetters({ ...kafka, type, offsets: [offset] });

beforeAll(async () => {
  [kafka, database] = await Promise.all([testKafka(), testDatabase(LEDGER_SCHEMA)]);
  await database.query(ledgerTables);
  producer = await ForeignProducer.connect(kafka);
  ledger = await startLedger({
    ...kafka,
    databaseUrl: database.url,
    controllers: [AliasConsumer],
    tuning: { firstPauseMs: 10, handlerTimeoutMs: 400, maxTries: 3 },
  });
});

afterAll(async () => {
  await ledger?.service.close();
  await producer?.disconnect();
  await database?.drop();
});

describe('a poisoned event', () => {
  it.each([
    { kind: 'bad JSON', changes: { value: '{"model": "cut' }, error: /bad JSON/ },
    { kind: 'a payload of another schema', changes: { value: '{"model":"x","to":"seven"}' }, error: /revision/ },
    { kind: 'an unknown type', changes: { headers: { ce_type: 'nobody.knows' } }, error: /nobody\.knows/ },
    { kind: 'no id', changes: { headers: { ce_id: '' } }, error: /ce_id/ },
    { kind: 'no value', changes: { value: null }, error: /no value/ },
  ])('with $kind is put aside, and its neighbours pass', async ({ changes, error }) => {
    const [before, poison, after] = [name('before'), name('poison'), name('after')];
    const bad = aliasRecord(poison, { ...changes, partition: 1 });
    await producer.send(type, [aliasRecord(before, { partition: 1 }), bad, aliasRecord(after, { partition: 1 })]);
    await applied(before, after);

    const letter = await letterOf(poison);

    expect(letter).toMatchObject({
      type,
      topic: `${kafka.prefix}alias.changed.dead-letter`,
      originalPartition: 1,
      group: `${kafka.prefix}deployment.alias.changed`,
      value: bad.value,
      tries: 1,
    });
    expect(letter.error).toMatch(error);
    expect(await effects()).not.toContain(poison);
    // A replay brings it back as it was, so here as bad as it was.
    expect(await replay(letter)).toEqual({ replayed: 1 });
    expect(await letterOf(poison, letter)).toMatchObject({ value: bad.value, error: letter.error });
  });

  it('whose handler throws is tried, put aside, and comes back by a replay', async () => {
    const [before, bad, after] = [name('before'), name('bad'), name('after')];
    broken.add(bad);
    const records = [before, bad, after].map((model) => aliasRecord(model, { partition: 2 }));
    await producer.send(type, records);
    await applied(before, after);

    const letter = await letterOf(bad);

    expect(letter).toMatchObject({ tries: 3, error: `RangeError: ${bad} is more than I can take` });
    expect(calls.filter((model) => model === bad)).toHaveLength(3);
    expect(await effects()).not.toContain(bad);
    broken.delete(bad);
    expect(await replay(letter)).toEqual({ replayed: 1 });
    await applied(bad);
    const rows = await database.query<{ event_id: string }>('select event_id from effect where model = $1', [bad]);
    expect(rows).toEqual([{ event_id: records[1]?.id }]);
    expect(await replay(letter)).toEqual({ replayed: 0 });
    expect((await listDeadLetters({ ...kafka, type })).map(({ key }) => key)).not.toContain(bad);
    expect((await effects()).filter((model) => model === after)).toHaveLength(1);
  });

  it('whose handler hangs is told, counted as failed, and put aside; other partitions do not wait for it', async () => {
    const [stuck, behind, beside] = [name('stuck'), name('behind'), name('beside')];
    hanging.add(stuck);
    await producer.send(type, [aliasRecord(stuck, { partition: 0 }), aliasRecord(behind, { partition: 0 })]);
    await waitFor(() => (calls.includes(stuck) ? true : undefined));
    await producer.send(type, [aliasRecord(beside, { partition: 1 })]);

    expect(await applied(beside)).not.toContain(behind);
    await applied(behind);
    const letter = await letterOf(stuck);
    expect(letter).toMatchObject({ tries: 3 });
    expect(letter.error).toMatch(/HandlerTimeoutError/);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, true]);
    expect(await effects()).not.toContain(stuck);
    hanging.delete(stuck);
    await replay(letter);
    await applied(stuck);
  });
});
