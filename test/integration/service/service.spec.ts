import { AccessModule, Requires } from '@baton/access';
import { Database, DatabaseModule, runMigrations } from '@baton/database';
import { connectEvents, MessagingModule, messagingTablesSql, OnEvent, Outbox, type DataEvent } from '@baton/messaging';
import { createService, ServiceConfig, type RunningService } from '@baton/service';
import {
  collectEvents,
  dedicatedPostgres,
  testDatabase,
  testKafka,
  testKeys,
  waitFor,
  type DedicatedPostgres,
  type TestKafka,
  type TestKeys,
} from '@baton/testing';
import { Body, Controller, Get, Module, Post, type DynamicModule } from '@nestjs/common';
import { IsInt, Min } from 'class-validator';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

class First1700000000001 implements MigrationInterface {
  readonly name = 'First1700000000001';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(messagingTablesSql());
    await runner.query('create table note (id bigint generated always as identity primary key, size int not null)');
  }
  async down(): Promise<void> {
    await Promise.resolve();
  }
}

class NoteRequest {
  @IsInt()
  @Min(1)
  size: number;
}

const seen: string[] = [];
let release: (() => void) | undefined;

@Controller('v1/notes')
class NotesController {
  constructor(
    private readonly database: Database,
    private readonly outbox: Outbox,
  ) {}

  @Requires('models:write')
  @Post()
  async add(@Body() note: NoteRequest): Promise<{ size: number }> {
    await this.database.transaction(async (tx) => {
      await tx.query('insert into note (size) values ($1)', [note.size]);
      await this.outbox.publish(tx, 'model.rejected', {
        model: `note-${note.size}`,
        project: 'default',
        version: 1,
        revision: 1,
        digest: 'a'.repeat(64),
        rejectedBy: 'test',
        reason: 'test',
        rejectedAt: new Date().toISOString(),
      });
    });
    return note;
  }

  @Requires('models:read')
  @Get('slow')
  async slow(): Promise<{ done: boolean }> {
    await new Promise<void>((done) => {
      release = done;
    });
    return { done: true };
  }

  @OnEvent('model.rejected')
  async rejected(event: DataEvent<'model.rejected'>): Promise<void> {
    seen.push(event.data.model);
    await Promise.resolve();
  }
}

@Module({})
class TestModule {}

class TestConfig extends ServiceConfig {
  override port = 0;
}

async function start(url: string, kafka: TestKafka): Promise<RunningService> {
  await runMigrations({ url, schema: 'notes', migrations: [First1700000000001] });
  const module = (): DynamicModule => ({
    module: TestModule,
    imports: [
      DatabaseModule.forService({ url, schema: 'notes', entities: [], migrations: [First1700000000001] }),
      MessagingModule.forService({ service: 'registry', ...kafka }),
      AccessModule.forService({}),
    ],
    controllers: [NotesController],
  });
  return createService({ name: 'notes', config: TestConfig, module, prepare: connectEvents }, new TestConfig());
}

let postgres: DedicatedPostgres;
let kafka: TestKafka;
let keys: TestKeys;
let service: RunningService;

const post = (body: unknown, headers: Record<string, string> = keys.scientist) =>
  fetch(`${service.url}/v1/notes`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

const ready = () =>
  waitFor(async () => ((await fetch(`${service.url}/readyz`)).ok ? true : undefined), {
    what: 'readiness',
    timeoutMs: 30_000,
  });

beforeAll(async () => {
  postgres = await dedicatedPostgres();
  kafka = await testKafka();
  keys = await testKeys(kafka);
  service = await start(postgres.url, kafka);
  await ready();
});

afterAll(async () => {
  await service?.close();
  await postgres?.remove();
});

describe('a service', () => {
  it('commits a row with its event, which arrives at Kafka and at its handler', async () => {
    expect((await post({ size: 1 })).status).toBe(201);
    const events = collectEvents(kafka, ['model.rejected']);
    await events.waitFor('model.rejected', (event) => event.subject === 'note-1');
    await waitFor(() => (seen.includes('note-1') ? true : undefined));
    await events.stop();
  });

  it.each([
    ['a wrong field', { size: 0 }, 400, 'size'],
    ['an unknown field', { size: 1, colour: 'red' }, 400, 'colour'],
    ['broken JSON', '{"size":', 400, 'JSON'],
  ])('answers %s with problem+json', async (_, body, status, word) => {
    const answer = await post(body);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(await answer.text()).toContain(word);
  });

  it('tells apart no key, a wrong key, a wrong role, an unknown route and a body that is too large', async () => {
    expect((await post({ size: 1 }, {})).status).toBe(401);
    expect((await post({ size: 1 }, { authorization: 'Bearer baton_0123456789abcdef_wrong' })).status).toBe(401);
    const wrongRole = await post({ size: 1 }, keys.viewer);
    expect(wrongRole.status).toBe(403);
    expect(await wrongRole.text()).toContain('models:write');
    expect((await fetch(`${service.url}/v1/nothing`, { headers: keys.admin })).status).toBe(404);
    expect((await post(JSON.stringify({ size: 1, more: 'x'.repeat(2_000_000) }))).status).toBe(413);
  });

  it('answers 503 with Retry-After while Postgres is away, and is ready again by itself', async () => {
    await postgres.kill();
    const answer = await post({ size: 2 });
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('2');
    expect((await fetch(`${service.url}/readyz`)).status).toBe(503);
    await postgres.start();
    await ready();
    expect((await post({ size: 3 })).status).toBe(201);
    await waitFor(() => (seen.includes('note-3') ? true : undefined), { timeoutMs: 30_000, what: 'the event' });
    expect(seen).not.toContain('note-2');
  });

  it('finishes what is in flight before it stops', async () => {
    const other = await start((await testDatabase('notes')).url, kafka);
    await waitFor(async () => ((await fetch(`${other.url}/readyz`)).ok ? true : undefined));
    const slow = fetch(`${other.url}/v1/notes/slow`, { headers: keys.viewer });
    await waitFor(() => (release ? true : undefined));
    const closing = other.close();
    await waitFor(async () => {
      const answered = await fetch(`${other.url}/readyz`).then(
        (answer) => answer.status,
        () => 0,
      );
      return answered === 200 ? undefined : true;
    });
    release?.();
    expect(await (await slow).json()).toEqual({ done: true });
    await closing;
    await expect(fetch(`${other.url}/livez`)).rejects.toThrow();
  });

  it('still listens while callers come and go, until a balancer has had time to see that it stops', async () => {
    const other = await start((await testDatabase('notes')).url, kafka);
    await waitFor(async () => ((await fetch(`${other.url}/readyz`)).ok ? true : undefined));
    const closing = other.close();
    const since = performance.now();
    const answered: number[] = [];
    // Half of the time nobody is connected.
    while (performance.now() - since < 600) {
      answered.push((await fetch(`${other.url}/livez`, { headers: { connection: 'close' } })).status);
      await new Promise((done) => setTimeout(done, 50));
    }
    expect(new Set(answered)).toEqual(new Set([200]));
    await closing;
    await expect(fetch(`${other.url}/livez`)).rejects.toThrow();
  });
});
