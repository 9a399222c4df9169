import { newId, type AccessKey } from '@baton/contracts';
import {
  EventProducer,
  Followers,
  MessagingOptions,
  OnEvent,
  type EventContext,
  type Follower,
} from '@baton/messaging';
import type { BatonEvent } from '@baton/contracts';
import { testDatabase, testKafka, waitFor, type TestDatabase, type TestKafka } from '@baton/testing';
import { Controller } from '@nestjs/common';
import { Kafka, logLevel } from 'kafkajs';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LEDGER_SCHEMA, ledgerTables, startLedger } from './ledger.js';

let kafka: TestKafka;
let producer: EventProducer;
let followers: Followers;
let opened: Follower<'access.key'>[] = [];

const key = (id: string, name = 'first'): AccessKey => ({
  id,
  hash: 'a'.repeat(64),
  name,
  roles: ['viewer'],
  project: null,
  createdAt: new Date().toISOString(),
  expiresAt: null,
});
const put = (...keys: AccessKey[]) => producer.send(keys.map((data) => ({ type: 'access.key', data })));
const remove = (id: string) => producer.send([{ type: 'access.key', data: null, key: id }]);

/** What a topic says now, and how it came to be. */
function follow() {
  const state = new Map<string, string>();
  const history: string[] = [];
  const follower = followers.follow('access.key', ({ subject, data }) => {
    history.push(data ? `${subject}=${data.name}` : `${subject} gone`);
    if (data) state.set(subject, data.name);
    else state.delete(subject);
  });
  opened.push(follower);
  return { state, history, follower };
}

beforeEach(async () => {
  kafka = await testKafka();
  const options = new MessagingOptions({ service: 'inference', ...kafka, outbox: false });
  producer = new EventProducer(options);
  followers = new Followers(options);
});

afterEach(async () => {
  await Promise.all(opened.map((follower) => follower.stop()));
  opened = [];
  await producer.onModuleDestroy();
});

describe('a follower', () => {
  it('of an empty topic has caught up, and then hears what comes', async () => {
    const { follower, state } = follow();
    await follower.caughtUp;
    expect(state.size).toBe(0);
    await put(key('aaaaaaaa'));

    await waitFor(() => (state.get('aaaaaaaa') === 'first' ? true : undefined));
  });

  it('has caught up when the last of what was there is applied, tombstones too', async () => {
    await put(key('aaaaaaaa'), key('bbbbbbbb'), key('cccccccc'));
    await put(key('bbbbbbbb', 'second'));
    await remove('cccccccc');
    const { follower, state } = follow();
    await follower.caughtUp;

    expect(Object.fromEntries(state)).toEqual({ aaaaaaaa: 'first', bbbbbbbb: 'second' });
    await remove('aaaaaaaa');
    await waitFor(() => (state.has('aaaaaaaa') ? undefined : true), { timeoutMs: 1000 });
  });

  it('has caught up although the last offsets hold no records any more', async () => {
    await put(key('aaaaaaaa'));
    await leaveHoleAtEnd(`${kafka.prefix}access.key`);
    const { follower, history } = follow();
    await follower.caughtUp;

    expect(history).toEqual(['aaaaaaaa=first']);
  });

  it('has not caught up while it is still applying', async () => {
    await put(key('aaaaaaaa'));
    let applied = false;
    const slow = followers.follow('access.key', async () => {
      await pause(2500);
      applied = true;
    });
    opened.push(slow);
    await slow.caughtUp;

    expect(applied).toBe(true);
  });

  it('started anew reads all again', async () => {
    await put(key('aaaaaaaa'), key('bbbbbbbb'));
    const first = follow();
    await first.follower.caughtUp;
    await first.follower.stop();
    const second = follow();
    await second.follower.caughtUp;

    expect(second.history).toEqual(first.history);
  });

  it('leaves out what it cannot read or apply, says so, and goes on', async () => {
    await producer.send([{ type: 'access.key', data: { ...key('aaaaaaaa'), hash: 'short' } }]);
    await put(key('bbbbbbbb'));
    let tries = 0;
    const seen: string[] = [];
    const follower = followers.follow('access.key', ({ subject }) => {
      if (subject === 'bbbbbbbb' && (tries += 1) < 3) throw new Error('busy');
      if (subject === 'cccccccc') throw new RangeError('never');
      seen.push(subject);
    });
    opened.push(follower);
    await follower.caughtUp;
    expect(seen).toEqual(['bbbbbbbb']);
    expect(String(follower.lastError)).toMatch(/busy/);
    await put(key('cccccccc'), key('dddddddd'));
    await waitFor(() => (seen.includes('dddddddd') ? true : undefined));

    expect(String(follower.lastError)).toMatch(/never/);
  });
});

describe('handlers of a compacted topic', () => {
  const heard: { all: string[]; data: string[] } = { all: [], data: [] };

  @Controller()
  class AllConsumer {
    @OnEvent('access.key', { tombstones: true })
    async changed({ subject, data }: BatonEvent<'access.key'>, _context: EventContext): Promise<void> {
      heard.all.push(data ? subject : `${subject} gone`);
      await Promise.resolve();
    }
  }

  @Controller()
  class DataConsumer {
    @OnEvent('access.key')
    async changed({ data }: { data: AccessKey }): Promise<void> {
      heard.data.push(data.id);
      await Promise.resolve();
    }
  }

  let database: TestDatabase;

  beforeAll(async () => {
    database = await testDatabase(LEDGER_SCHEMA);
    await database.query(ledgerTables);
  });

  afterAll(() => database?.drop());

  it('get tombstones if they ask for them, and never as poison', async () => {
    const common = { ...kafka, databaseUrl: database.url };
    const all = await startLedger({ ...common, controllers: [AllConsumer], groupSuffix: '-all' });
    const data = await startLedger({ ...common, controllers: [DataConsumer], groupSuffix: '-data' });
    const id = newId().replaceAll('-', '').slice(-12);
    await put(key(id));
    await remove(id);
    await put(key('zzzzzzzz'));
    await waitFor(() => (heard.all.length === 3 && heard.data.length === 2 ? true : undefined));
    await Promise.all([all.service.close(), data.service.close()]);

    expect(heard).toEqual({ all: [id, `${id} gone`, 'zzzzzzzz'], data: [id, 'zzzzzzzz'] });
  });
});

/** The end of a transaction takes an offset and is no record: what a removed tombstone at the end looks like, too. */
async function leaveHoleAtEnd(topic: string): Promise<void> {
  const client = new Kafka({ brokers: kafka.brokers, logLevel: logLevel.NOTHING });
  const transactional = client.producer({ transactionalId: newId(), idempotent: true, maxInFlightRequests: 1 });
  await transactional.connect();
  const transaction = await transactional.transaction();
  await transaction.send({ topic, messages: [{ key: 'x', value: 'never seen' }] });
  await transaction.abort();
  await transactional.disconnect();
}
