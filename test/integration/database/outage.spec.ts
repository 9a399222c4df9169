import { runMigrations } from '@baton/database';
import { dedicatedPostgres, waitFor, type DedicatedPostgres } from '@baton/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Line } from './line.js';
import { First1700000000001, startDatabase, type RunningDatabase } from './shelf.js';

const schema = 'library';
let postgres: DedicatedPostgres;
let running: RunningDatabase;

const ready = () =>
  waitFor(async () => (Object.keys(await running.readiness.missing()).length === 0 ? true : undefined), {
    what: 'readiness',
  });
const count = () =>
  running.database.transaction((tx) => tx.query<{ n: number }>('select count(*)::int as n from book_shelf'));
const meaning = () =>
  count().then(
    () => 'it worked',
    (error: unknown) => {
      const { code, status, retriable, retryAfterSeconds } = running.errors.map(error);
      return { code, status, retriable, retryAfterSeconds };
    },
  );
const away = { code: 'database-away', status: 503, retriable: true, retryAfterSeconds: 2 };

beforeAll(async () => {
  postgres = await dedicatedPostgres();
  await runMigrations({ url: postgres.url, schema, migrations: [First1700000000001] });
});

afterEach(() => running.close());

afterAll(() => postgres?.remove());

describe('with Postgres away', () => {
  it('a service starts, says what is missing, and works as soon as it is there', async () => {
    await postgres.stop();
    running = await startDatabase({ url: postgres.url });
    expect(await meaning()).toEqual(away);
    expect(() => running.database.manager).toThrow('does not answer');
    await waitFor(async () =>
      (await running.readiness.missing())['database']?.includes('ECONNREFUSED') ? true : undefined,
    );
    await postgres.start();
    await ready();
    expect(await count()).toEqual([{ n: 0 }]);
  });

  it('a service that never saw it stops at once', async () => {
    await postgres.stop();
    running = await startDatabase({ url: postgres.url });
    const began = performance.now();
    await running.close();
    expect(performance.now() - began).toBeLessThan(2500);
    await postgres.start();
  });

  it.each(['kill', 'stop'] as const)(
    'after a %s work fails as retriable, and goes on by itself when it is back',
    async (end) => {
      running = await startDatabase({ url: postgres.url });
      await ready();
      await postgres[end]();
      expect(await meaning()).toEqual(away);
      expect(await running.readiness.missing()).toHaveProperty('database');
      await postgres.start();
      await ready();
      expect(await count()).toEqual([{ n: 0 }]);
    },
  );

  it('silent, readiness answers all the same, asks one question only, and it goes on by itself', async () => {
    const line = await Line.to(postgres.url);
    running = await startDatabase({ url: line.url, poolSize: 2 });
    await ready();
    line.freeze();
    const answers = await Promise.all([1, 2, 3, 4].map(() => running.readiness.missing()));
    expect(answers).toEqual(answers.map(() => ({ database: 'no answer' })));
    // A second connection is free for work: it is not used up by those who ask.
    expect(running.database.dataSource.driver).toMatchObject({ master: { totalCount: 1 } });
    line.thaw();
    await ready();
    expect(await count()).toEqual([{ n: 0 }]);
    await running.close();
    await line.close();
  });

  it('a wrong password is told without telling it', async () => {
    const url = Object.assign(new URL(postgres.url), { password: 'hush-hush' }).href;
    running = await startDatabase({ url });
    const missing = await waitFor(async () => {
      const { database } = await running.readiness.missing();
      return database?.includes('password authentication failed') ? database : undefined;
    });
    expect(missing).not.toContain('hush-hush');
    expect(await meaning()).toEqual(away);
  });
});
