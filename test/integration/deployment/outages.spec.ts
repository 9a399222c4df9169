import { ensureTopics } from '@baton/messaging';
import {
  dedicatedKafka,
  dedicatedPostgres,
  testPool,
  waitFor,
  type DedicatedKafka,
  type DedicatedPostgres,
} from '@baton/testing';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunningDeployment } from './running-deployment.js';

let kafka: DedicatedKafka;
let postgres: DedicatedPostgres;
let baton: RunningDeployment;
let pool: pg.Pool;

beforeAll(async () => {
  [kafka, postgres] = await Promise.all([dedicatedKafka(), dedicatedPostgres()]);
  await ensureTopics(kafka.brokers, 'outage.');
  pool = testPool(postgres.url, 'deployment');
  const database = {
    url: postgres.url,
    query: async <T>(sql: string, params: unknown[] = []) => (await pool.query(sql, params)).rows as T[],
    drop: () => pool.end(),
  };
  baton = await RunningDeployment.on(database, { brokers: kafka.brokers, prefix: 'outage.' });
});

afterAll(async () => {
  await baton.remove();
  await Promise.all([kafka.remove(), postgres.remove()]);
});

describe('with Kafka away', () => {
  it('a deployment is taken, and goes through when Kafka is back', async () => {
    await baton.voice.release('kafka-away');
    await baton.row(`select 1 from versions where status = 'approved'`, [], 'the approval');
    await kafka.kill();
    const asked = await baton.deploy('kafka-away', { model: 'kafka-away', version: 1 });

    expect([asked.status, asked.body.status]).toEqual([202, 'loading']);
    expect((await baton.call('PUT', '/v1/endpoints/other', {})).status).toBe(200);
    expect(baton.events.of('serving.plan')).toEqual([]);
    await kafka.start();
    const plan = await baton.planOf(asked.body.deployment);
    const replica = await baton.replica();
    await replica.answer(plan, 'ready');
    expect((await baton.finished(asked.body.deployment)).status).toBe('completed');
    await baton.events.waitFor('deployment.completed', undefined, 30_000);
    // Once or more: a send whose answer was lost is repeated, under the same id.
    expect(new Set(baton.events.of('deployment.requested').map(({ id }) => id)).size).toBe(1);
    await baton.dismiss();
  });
});

describe('with Postgres away', () => {
  it('requests are answered with 503 and a time to try again, and the service is ready again by itself', async () => {
    await baton.voice.release('postgres-away');
    await baton.row(`select 1 from versions where model = 'postgres-away' and status = 'approved'`, [], 'the approval');
    await postgres.kill();
    const asked = await baton.deploy('postgres-away', { model: 'postgres-away', version: 1 });

    expect([asked.status, asked.body.code]).toEqual([503, 'database-away']);
    expect(asked.headers.get('retry-after')).toBe('2');
    expect((await baton.call('GET', '/v1/endpoints')).status).toBe(503);
    expect((await fetch(`${baton.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${baton.url}/livez`)).status).toBe(200);

    await baton.voice.release('meanwhile');
    await postgres.start();
    await baton.ready();
    const body = await waitFor(
      async () => [await baton.deploy('meanwhile', { model: 'meanwhile', version: 1 })].find((a) => a.status === 202),
      { what: 'the deployment of what was approved meanwhile', timeoutMs: 30_000 },
    );
    expect((await baton.planOf(body.body.deployment)).routes[0]?.model).toBe('meanwhile');
    expect(await baton.database.query(`select 1 from endpoints where endpoint = 'postgres-away'`)).toEqual([]);
  });
});
