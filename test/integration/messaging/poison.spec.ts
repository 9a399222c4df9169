import { toHeaders } from '@baton/contracts';
import { Database, DatabaseModule, runMigrations } from '@baton/database';
import {
  connectEvents,
  EventProducer,
  listDeadLetters,
  MessagingModule,
  MessagingOptions,
  messagingTablesSql,
  OnEvent,
  replayDeadLetters,
  type DataEvent,
  type EventContext,
  type OutgoingEvent,
} from '@baton/messaging';
import { createService, Public, ServiceConfig, ServiceError, type RunningService } from '@baton/service';
import { testDatabase, testKafka, waitFor, type TestDatabase, type TestKafka } from '@baton/testing';
import { Controller, Get, Module, type DynamicModule } from '@nestjs/common';
import { Kafka, logLevel } from 'kafkajs';
import { randomUUID } from 'node:crypto';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

class Poison1700000000001 implements MigrationInterface {
  readonly name = 'Poison1700000000001';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(messagingTablesSql());
    await runner.query('create table effects (event_id uuid not null, key text not null)');
  }
  async down(): Promise<void> {
    await Promise.resolve();
  }
}

/** What the handler does with an event of a subject. */
const behaviour = new Map<string, () => Promise<void>>();
const tries = new Map<string, number>();

@Controller()
class Receiver {
  constructor(readonly database: Database) {}

  @OnEvent('model.rejected')
  async rejected({ id, data }: DataEvent<'model.rejected'>, { tx }: EventContext): Promise<void> {
    tries.set(data.model, (tries.get(data.model) ?? 0) + 1);
    await tx.query('insert into effects (event_id, key) values ($1, $2)', [id, data.model]);
    await behaviour.get(data.model)?.();
  }

  @Get()
  @Public()
  alive(): string {
    return 'yes';
  }
}

@Module({})
class PoisonModule {}

class PoisonConfig extends ServiceConfig {
  override port = 0;
  override logLevel = 'error' as const;
}

let database: TestDatabase;
let kafka: TestKafka;
let service: RunningService;
let producer: EventProducer;

const event = (model: string, more = {}): OutgoingEvent<'model.rejected'> => ({
  type: 'model.rejected',
  key: model,
  id: randomUUID(),
  data: {
    ...{
      model,
      project: 'default',
      version: 1,
      revision: 1,
      digest: 'a'.repeat(64),
      rejectedBy: 'test',
      reason: 'test',
    },
    rejectedAt: new Date().toISOString(),
    ...more,
  },
});
const effectsOf = async (key: string) => (await database.query('select from effects where key = $1', [key])).length;
const letters = () => listDeadLetters({ ...kafka, type: 'model.rejected', limit: 100 });
const letterOf = (key: string) =>
  waitFor(async () => (await letters()).find((letter) => letter.key === key), {
    what: `a dead letter of ${key}`,
    timeoutMs: 30_000,
  });
const effect = (key: string) =>
  waitFor(async () => ((await effectsOf(key)) > 0 ? true : undefined), {
    what: `an effect of ${key}`,
    timeoutMs: 30_000,
  });

beforeAll(async () => {
  database = await testDatabase('poison');
  kafka = await testKafka();
  await runMigrations({ url: database.url, schema: 'poison', migrations: [Poison1700000000001] });
  const tuning = {
    sessionTimeoutMs: 6000,
    heartbeatMs: 500,
    firstPauseMs: 20,
    maxPauseMs: 100,
    handlerTimeoutMs: 9000,
    maxTries: 3,
  };
  const module = (): DynamicModule => ({
    module: PoisonModule,
    imports: [
      DatabaseModule.forService({
        url: database.url,
        schema: 'poison',
        entities: [],
        migrations: [Poison1700000000001],
      }),
      MessagingModule.forService({ service: 'registry', ...kafka, tuning }),
    ],
    controllers: [Receiver],
  });
  service = await createService(
    { name: 'poison', config: PoisonConfig, module, prepare: connectEvents },
    new PoisonConfig(),
  );
  producer = new EventProducer(new MessagingOptions({ service: 'registry', ...kafka, outbox: false }));
}, 60_000);

afterAll(async () => {
  await producer?.onModuleDestroy();
  await service?.close();
  await database?.drop();
});

describe('a poisoned event does not stop the others, and ends as a dead letter', () => {
  it.each([
    ['a wrong schema', 'wrong-schema', () => event('wrong-schema', { version: 'one' }), /version/],
    ['no value', 'no-value', () => ({ ...event('no-value'), data: null }), /value/],
    ['a handler that throws', 'throws', () => event('throws'), /it does not work/],
  ])('%s', { timeout: 60_000 }, async (_, key, make, error) => {
    behaviour.set('throws', () => Promise.reject(new Error('it does not work')));
    await producer.send([make() as OutgoingEvent, event(`after-${key}`)]);
    await effect(`after-${key}`);
    expect((await letterOf(key)).error).toMatch(error);
    expect(await effectsOf(key)).toBe(0);
  });

  it('bad JSON', { timeout: 60_000 }, async () => {
    const foreign = new Kafka({ brokers: kafka.brokers, logLevel: logLevel.NOTHING }).producer();
    await foreign.connect();
    const headers = toHeaders({
      ...{ id: randomUUID(), type: 'model.rejected' as const, source: 'baton/test', subject: 'bad-json', data: null },
      ...{ time: new Date().toISOString(), correlationid: 'c' },
    });
    await foreign.send({
      topic: `${kafka.prefix}model.rejected`,
      messages: [
        { key: 'bad-json', value: '{"model":', headers },
        { key: 'no-headers', value: '{}' },
      ],
    });
    await foreign.disconnect();
    await producer.send([event('after-bad-json')]);
    expect((await letterOf('bad-json')).error).toMatch(/JSON/);
    expect((await letterOf('no-headers')).error).toMatch(/ce_/);
    await effect('after-bad-json');
  });

  it('tries a failing event a few times, and one that can be retried without end', { timeout: 60_000 }, async () => {
    let isAway = true;
    behaviour.set('away', () => {
      if (isAway) throw new ServiceError('database-away', 'away', { status: 503, retriable: true });
      return Promise.resolve();
    });
    await producer.send([event('away')]);
    await waitFor(() => ((tries.get('away') ?? 0) > 6 ? true : undefined), { what: 'many tries', timeoutMs: 30_000 });
    isAway = false;
    await effect('away');
    expect(await effectsOf('away')).toBe(1);
    expect(tries.get('throws')).toBe(3);
    expect((await letters()).some(({ key }) => key === 'away')).toBe(false);
  });

  it('a handler slower than the session keeps its partition, and has one effect', { timeout: 60_000 }, async () => {
    behaviour.set('slow', () => new Promise((done) => setTimeout(done, 8000)));
    await producer.send([event('slow'), event('after-slow')]);
    await effect('slow');
    await effect('after-slow');
    expect(tries.get('slow')).toBe(1);
    expect(await effectsOf('slow')).toBe(1);
  });
});

describe('dead letters', () => {
  it(
    'come back with their ids once what made them fail is mended, and have one effect',
    { timeout: 60_000 },
    async () => {
      behaviour.delete('throws');
      const { replayed } = await replayDeadLetters({ ...kafka, type: 'model.rejected', all: true });
      expect(replayed).toBeGreaterThan(0);
      await effect('throws');
      expect(await effectsOf('throws')).toBe(1);
      await effect('after-throws');
      expect(await effectsOf('after-throws')).toBe(1);
    },
  );
});

describe('an event that comes twice', () => {
  it('has one effect', { timeout: 30_000 }, async () => {
    const twice = event('twice');
    await producer.send([twice, twice]);
    await producer.send([twice, event('after-twice')]);
    await effect('after-twice');
    expect(await effectsOf('twice')).toBe(1);
  });
});
