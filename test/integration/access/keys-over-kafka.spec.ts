import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAccessKey, KeyRing } from '@baton/access';
import { EventProducer } from '@baton/messaging';
import { createService, type RunningService } from '@baton/service';
import { testKafka, waitFor } from '@baton/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { GreetingsConfig, GreetingsController, greetingsService } from './greetings-service.js';

const ada = createAccessKey({ name: 'Ada', roles: ['viewer'] });
const bob = createAccessKey({ name: 'Bob', roles: ['viewer'], clearance: ['personal'] });

let folder: string;
let kafka: Awaited<ReturnType<typeof testKafka>>;
let service: RunningService;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'baton-keys-'));
  kafka = await testKafka();
  service = await start(kafka.brokers);
});
afterEach(async () => {
  await service.close();
  await rm(folder, { recursive: true });
});

function start(kafkaBrokers: string[]): Promise<RunningService> {
  const config = Object.assign(new GreetingsConfig(), {
    kafkaBrokers,
    kafkaPrefix: kafka.prefix,
    snapshotFile: join(folder, 'access-keys.json'),
  });
  return createService({ ...greetingsService([GreetingsController]), prepare: undefined }, config);
}

async function statusFor(key: string): Promise<number> {
  return (await fetch(`${service.url}/greetings/rain`, { headers: { authorization: `Bearer ${key}` } })).status;
}

async function clearanceOf(key: string): Promise<unknown> {
  const answer = await fetch(`${service.url}/greetings/rain`, { headers: { authorization: `Bearer ${key}` } });
  return ((await answer.json()) as { clearance: unknown }).clearance;
}

async function isReady(): Promise<true | undefined> {
  return (await fetch(`${service.url}/readyz`)).ok ? true : undefined;
}

/** Resolves when the service answers requests with the key so. */
async function answers(key: string, status: number): Promise<void> {
  await waitFor(async () => ((await statusFor(key)) === status ? true : undefined), { what: `an answer ${status}` });
}

const publish = (...keys: (typeof ada)[]) =>
  service.app.get(EventProducer).send(keys.map(({ record: data }) => ({ type: 'access.key', data })));
const revoke = (...keys: (typeof ada)[]) =>
  service.app.get(EventProducer).send(keys.map(({ record }) => ({ type: 'access.key', data: null, key: record.id })));

it('a key counts as soon as it is published, until it is revoked', async () => {
  await waitFor(isReady, { what: 'the service to have read the keys' });
  expect(await statusFor(ada.key)).toBe(401);
  await publish(ada);
  await answers(ada.key, 200);
  await revoke(ada);
  await answers(ada.key, 401);
});

it('a service that starts knows all keys by the time it is ready', async () => {
  await publish(ada, bob);
  await revoke(ada);
  await service.close();
  service = await start(kafka.brokers);
  await service.app.get(KeyRing).caughtUp;
  expect(await isReady()).toBe(true);
  expect([await statusFor(ada.key), await statusFor(bob.key)]).toEqual([401, 200]);
  expect(await clearanceOf(bob.key)).toEqual(['personal']);
});

it('a service that starts while Kafka is away goes on with the keys it had', async () => {
  await service.app.get(KeyRing).caughtUp; // Before that, what it holds may be half of the keys, and is not saved.
  await publish(ada, bob);
  await answers(bob.key, 200);
  await revoke(ada);
  await answers(ada.key, 401);
  await service.close();
  service = await start(['127.0.0.1:9']);
  expect(await isReady()).toBe(true);
  expect([await statusFor(ada.key), await statusFor(bob.key)]).toEqual([401, 200]);
  expect(await clearanceOf(bob.key)).toEqual(['personal']);
});
