import { messagingEntities } from '@baton/messaging';
import { schemaDifferences } from '@baton/database';
import { collectEvents, testDatabase, testKafka, waitFor, type TestDatabase, type TestKafka } from '@baton/testing';
import { ServiceError } from '@baton/service';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '@baton/contracts';
import { aliasChanged, LEDGER_SCHEMA, ledgerTables, startLedger, type Ledger } from './ledger.js';

let kafka: TestKafka;
let database: TestDatabase;
let events: ReturnType<typeof collectEvents>;
let ledgers: Ledger[] = [];

const start = async () => {
  const ledger = await startLedger({ ...kafka, databaseUrl: database.url });
  ledgers.push(ledger);
  return ledger;
};
const revisionsOf = (model: string) =>
  events
    .of('alias.changed')
    .filter(({ subject }) => subject === model)
    .map(({ data }) => data?.revision);
const emptied = () =>
  waitFor(async () => ((await database.query('select 1 from outbox')).length === 0 ? true : undefined), {
    what: 'empty outbox',
  });
const model = (what: string) => `${what}-${newId()}`;

beforeAll(async () => {
  [kafka, database] = await Promise.all([testKafka(), testDatabase(LEDGER_SCHEMA)]);
  await database.query(ledgerTables);
  events = collectEvents(kafka, ['alias.changed', 'access.key']);
});

afterEach(async () => {
  await Promise.all(ledgers.map(({ service }) => service.close()));
  ledgers = [];
});

afterAll(async () => {
  await events?.stop();
  await database?.drop();
});

describe('the tables', () => {
  it('are those of the entities', async () => {
    await database.query('create schema proper');
    const sql = `set search_path = proper; ${ledgerTables.split('create table alias')[0]} set search_path = ${LEDGER_SCHEMA};`;
    await database.query(sql);

    expect(await schemaDifferences({ url: database.url, schema: 'proper', entities: messagingEntities })).toEqual([]);
  });
});

describe('the outbox', () => {
  it('says what was committed, and nothing of what was not', async () => {
    const ledger = await start();
    const [kept, dropped] = [model('kept'), model('dropped')];
    await expect(ledger.change(dropped, () => Promise.reject(new Error('changed my mind')))).rejects.toThrow(
      'changed my mind',
    );
    await expect(
      ledger.database.transaction(async (tx) => {
        await ledger.outbox.publish(tx, 'alias.changed', aliasChanged(dropped));
        throw new Error('too late');
      }),
    ).rejects.toThrow('too late');
    await ledger.change(kept);
    const event = await events.waitFor('alias.changed', ({ subject }) => subject === kept);
    await emptied();

    expect(event).toMatchObject({ source: 'baton/deployment', correlationid: event.id, data: { revision: 1 } });
    expect(revisionsOf(dropped)).toEqual([]);
  });

  it('loses no row that commits after one with a higher id', async () => {
    const ledger = await start();
    const [slow, quick] = [model('slow'), model('quick')];
    const inserted = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    const waiting = ledger.database.transaction(async (tx) => {
      await ledger.outbox.publish(tx, 'alias.changed', aliasChanged(slow));
      inserted.resolve();
      await released.promise;
    });
    await inserted.promise;
    await ledger.change(quick);
    await events.waitFor('alias.changed', ({ subject }) => subject === quick);
    await emptied();
    released.resolve();
    await waiting;

    await events.waitFor('alias.changed', ({ subject }) => subject === slow);
  });

  it('keeps the order of a key under concurrent writers in two processes, and has one sender', async () => {
    const [first, second] = await Promise.all([start(), start()]);
    const models = [model('a'), model('b')];
    const writers = [first, second].flatMap((ledger) =>
      models.map(async (name) => {
        for (let count = 0; count < 50; count += 1) await ledger.change(name);
      }),
    );
    await Promise.all(writers);
    await emptied();
    const locks = await database.query(`select 1 from pg_locks l join pg_database d on d.oid = l.database
      where locktype = 'advisory' and d.datname = current_database() and granted`);

    expect(locks).toHaveLength(1);
    for (const name of models) {
      await waitFor(() => (revisionsOf(name).length === 100 ? true : undefined));
      expect(revisionsOf(name)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    }
  });

  it('has another sender when the first one stops or loses its connection', async () => {
    const [first, second] = await Promise.all([start(), start()]);
    const [before, cut, after] = [model('before'), model('cut'), model('after')];
    await first.change(before);
    await events.waitFor('alias.changed', ({ subject }) => subject === before);
    await database.query(`select pg_terminate_backend(pid) from pg_locks l join pg_database d on d.oid = l.database
      where locktype = 'advisory' and d.datname = current_database()`);
    await second.change(cut);
    await events.waitFor('alias.changed', ({ subject }) => subject === cut);
    await first.service.close();
    await second.change(after);
    await events.waitFor('alias.changed', ({ subject }) => subject === after);
  });

  it('sends much in portions that a broker takes', async () => {
    const ledger = await start();
    const name = model('large');
    await ledger.database.transaction(async (tx) => {
      for (let revision = 1; revision <= 12; revision += 1) {
        const data = { ...aliasChanged(name, revision), changedBy: 'x'.repeat(1_500_000) };
        await ledger.outbox.publish(tx, 'alias.changed', data);
      }
    });
    await waitFor(() => (revisionsOf(name).length === 12 ? true : undefined), { timeoutMs: 30_000 });

    expect(revisionsOf(name)).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
    const tooLarge = ledger.database.transaction((tx) =>
      ledger.outbox.publish(tx, 'alias.changed', { ...aliasChanged(name), changedBy: 'x'.repeat(9_000_000) }),
    );
    await expect(tooLarge).rejects.toThrow(ServiceError);
  });

  it('refuses what does not fit the catalogue, and says the last word on a key', async () => {
    const ledger = await start();
    const bad = { ...aliasChanged(model('bad')), revision: 0 };
    await expect(ledger.database.transaction((tx) => ledger.outbox.publish(tx, 'alias.changed', bad))).rejects.toThrow(
      /revision/,
    );
    await expect(
      ledger.database.transaction((tx) => ledger.outbox.publishTombstone(tx, 'alias.changed', 'x')),
    ).rejects.toThrow(/not a compacted topic/);
    await ledger.database.transaction((tx) => ledger.outbox.publishTombstone(tx, 'access.key', 'abcdefgh'));
    const event = await events.waitFor('access.key', ({ subject }) => subject === 'abcdefgh');

    expect(event.data).toBeNull();
  });
});
