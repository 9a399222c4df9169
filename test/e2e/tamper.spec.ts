import { ServingPlan } from '@baton/contracts';
import { EventProducer, MessagingOptions, tailEvents } from '@baton/messaging';
import type { BatonEvent } from '@baton/contracts';
import { loadPrivateKey, PLAN_TYPE, signDetached } from '@baton/signing';
import { waitFor } from '@baton/testing';
import { deploy, push } from '@baton/weather/journey';
import { hire, type People } from '@baton/weather/people';
import { train } from '@baton/weather/training';
import { seattleDays, winterDays } from '@baton/weather/weather';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestPlatform, type TestPlatform } from '../support/test-platform.js';

const ROW = { precipitation: 0, temp_max: 12.8, temp_min: 5, wind: 4.7 };

let running: TestPlatform;
let people: People;
let endpoint: string;
let goodVersion: number;
let producer: EventProducer;
const events: BatonEvent[] = [];
const end = new AbortController();
let tail: Promise<void>;

const violations = () =>
  events
    .filter((event): event is BatonEvent<'integrity.violated'> => event.type === 'integrity.violated')
    .flatMap(({ data }) => data ?? []);
const lastPlan = () =>
  events.filter((event) => event.type === 'serving.plan' && event.subject === endpoint).at(-1)?.data as ServingPlan;

/** A new version of other bytes, approved. */
async function approved(until: string) {
  const folder = join(running.home, `model-${until}`);
  train(winterDays(seattleDays(), until), folder);
  const version = await push(people, folder, running.home);
  await people.approver.registry.approve(version.model, version.version);
  return version;
}

/** Sends a plan as somebody would who may write to the topic. */
async function inject(change: (plan: ServingPlan) => void, resign: boolean): Promise<void> {
  const plan = structuredClone(lastPlan());
  plan.revision += 100;
  change(plan);
  if (resign) {
    const key = loadPrivateKey(join(running.home, 'keys', 'deployment.pem'));
    const { signature: _signature, ...unsigned } = plan;
    plan.signature = signDetached(PLAN_TYPE, unsigned, key);
  }
  await producer.send([{ type: 'serving.plan', data: plan }]);
}

function flip(text: string): string {
  const at = Math.floor(text.length / 2);
  return `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
}

async function stillGood(): Promise<void> {
  const answer = await people.service.inference.predict(endpoint, [ROW]);
  expect(answer.version).toBe(goodVersion);
}

beforeAll(async () => {
  running = await startTestPlatform();
  people = await hire(running.client);
  const { kafka } = running.client.connection;
  producer = new EventProducer(new MessagingOptions({ service: 'deployment', ...kafka, outbox: false }));
  tail = tailEvents(
    { ...kafka, types: ['integrity.violated', 'serving.plan'], fromBeginning: true, signal: end.signal },
    (event) => void events.push(event),
  );
  const version = await approved('2015-01-01');
  goodVersion = version.version;
  endpoint = (await deploy(people, version)).endpoint;
  await waitFor(() => lastPlan(), { what: 'the plan' });
}, 240_000);

afterAll(async () => {
  end.abort();
  await tail;
  await producer?.onModuleDestroy();
  await running?.stop();
});

describe('one byte that is different', () => {
  it('in the artifact store: the replica refuses, the last good version stays', async () => {
    const version = await approved('2014-01-01');
    const digest = String(version.files[0]?.digest);
    const stored = join(running.home, 'artifacts', digest.slice(0, 2), digest);
    const bytes = readFileSync(stored);
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    writeFileSync(stored, bytes);
    const asked = await waitFor(
      async () =>
        people.operator.deployment
          .deploy(endpoint, { model: version.model, version: version.version })
          .catch(() => undefined),
      { what: 'the approval to arrive' },
    );
    const done = await people.operator.deployment.finished(asked.deployment, { timeoutMs: 60_000 });
    expect(done.status).toBe('refused');
    await waitFor(() => violations().find((found) => found.kind === 'artifact'), { what: 'integrity.violated' });
    await stillGood();
  });

  it('in the attestation: refused, although the plan is signed', async () => {
    await inject((plan) => {
      for (const route of plan.routes) {
        const payload = Buffer.from(route.attestation.payload, 'base64').toString();
        route.attestation.payload = Buffer.from(payload.replace('"version":', '"version": ')).toString('base64');
        route.deployment = crypto.randomUUID();
      }
    }, true);
    await waitFor(() => violations().find((found) => found.kind === 'attestation'), {
      what: 'integrity.violated',
    });
    await stillGood();
  });

  it('in the plan: refused', async () => {
    const before = violations().length;
    await inject((plan) => {
      plan.revision += 100;
      plan.signature.sig = flip(plan.signature.sig);
    }, false);
    const found = await waitFor(
      () =>
        violations()
          .slice(before)
          .find((one) => one.kind === 'plan'),
      {
        what: 'integrity.violated',
      },
    );
    expect(found.endpoint).toBe(endpoint);
    await stillGood();
  });
});
