import type { VersionResponse } from '@baton/client';
import { ensureTopics } from '@baton/messaging';
import {
  collectEvents,
  dedicatedKafka,
  dedicatedPostgres,
  waitFor,
  type DedicatedKafka,
  type DedicatedPostgres,
} from '@baton/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as models from '../../support/onnx-models.js';
import { startRegistry, type RegistryUnderTest } from './registry-under-test.js';

const prefix = 'outage.';
let kafka: DedicatedKafka;
let postgres: DedicatedPostgres;
let registry: RegistryUnderTest;

const topics = () => ({ brokers: kafka.brokers, prefix });
const readiness = async () => (await fetch(`${registry.service.url}/readyz`)).status;

beforeAll(async () => {
  [kafka, postgres] = await Promise.all([dedicatedKafka(), dedicatedPostgres()]);
  await ensureTopics(kafka.brokers, prefix);
  registry = await startRegistry(postgres.url, topics());
});

afterAll(async () => {
  await registry?.close();
  await Promise.all([kafka?.remove(), postgres?.remove()]);
});

describe('with Kafka away', () => {
  it('versions are pushed and approved, and their events come when it is back', { timeout: 90_000 }, async () => {
    await kafka.kill();
    const pushed = await registry.push('kafka-away', { model: models.scaling(1) });
    expect(pushed.status).toBe(201);
    const { digest } = (await pushed.json()) as VersionResponse;
    expect((await registry.post('/v1/models/kafka-away/versions/1/approve', {})).status).toBe(200);
    expect(await readiness()).toBe(200);

    await kafka.start();
    const events = collectEvents(topics(), ['model.registered', 'model.approved']);
    const registered = await events.waitFor('model.registered', undefined, 60_000);
    const approved = await events.waitFor('model.approved', undefined, 60_000);
    expect(registered.data).toMatchObject({ model: 'kafka-away', version: 1, revision: 1, digest });
    expect(approved.data).toMatchObject({ model: 'kafka-away', version: 1, revision: 2, digest });
    await events.stop();
  });
});

describe('with Kafka away from the start', () => {
  it('the registry starts, knows its keys and takes pushes', { timeout: 90_000 }, async () => {
    const other = await startRegistry(postgres.url, { brokers: ['127.0.0.1:9'], prefix: 'nobody.' });
    try {
      expect((await other.push('no-kafka', { model: models.scaling(2) })).status).toBe(201);
      const { id, key } = (await (await other.post('/v1/keys', { name: 'eve', roles: ['viewer'] })).json()) as Record<
        string,
        string
      >;
      const headers = { authorization: `Bearer ${String(key)}` };
      expect((await other.get('/v1/models/no-kafka', headers)).status).toBe(200);
      const url = `${other.service.url}/v1/keys/${String(id)}`;
      expect((await fetch(url, { method: 'DELETE', headers: other.as.admin })).status).toBe(204);
      expect((await other.get('/v1/models/no-kafka', headers)).status).toBe(401);
    } finally {
      await other.close();
    }
  });
});

describe('with Postgres away', () => {
  it(
    'requests get 503 and when to come again, nothing stays, and all goes on by itself',
    { timeout: 90_000 },
    async () => {
      const before = registry.storedFiles();
      await postgres.kill();
      const push = await registry.push('postgres-away', { model: models.scaling(3) });
      expect(push.status).toBe(503);
      expect(push.headers.get('retry-after')).toBe('2');
      expect(((await push.json()) as { code: string }).code).toBe('database-away');
      expect((await registry.get('/v1/models')).status).toBe(503);
      expect(await readiness()).toBe(503);
      expect((await fetch(`${registry.service.url}/livez`)).status).toBe(200);
      expect(registry.storedFiles()).toEqual(before);

      await postgres.start();
      await waitFor(async () => ((await readiness()) === 200 ? true : undefined), { what: 'readiness' });
      expect((await registry.get('/v1/models/postgres-away')).status).toBe(404);
      expect((await registry.push('postgres-away', { model: models.scaling(3) })).status).toBe(201);
    },
  );
});
