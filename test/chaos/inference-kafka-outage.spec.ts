import { ensureTopics } from '@baton/messaging';
import { dedicatedKafka, type DedicatedKafka } from '@baton/testing';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPolicy, testModel } from '../integration/inference/released-models.js';
import { RunningInference } from '../integration/inference/running-inference.js';
import { compared, KeepAliveCaller, Load, tally } from './inference-load.js';
import { Record } from './inference-record.js';
import { Replica } from './inference-replica.js';
import { isFull } from './is-full.js';

/**
 * Ten minutes without Kafka: `BATON_FULL=1 npx vitest run --project chaos test/chaos/inference-kafka-outage.spec.ts`.
 * How long answers take is only asserted there, on a machine that has nothing else to do.
 */
const OUTAGE_MS = isFull ? 600_000 : 5000;
const BEFORE_MS = isFull ? 60_000 : 2000;
const PREFIX = 'outage.';
const input = { name: 'input', datatype: 'FP32', shape: [1, 4], data: [5.1, 3.5, 1.4, 0.2] };

let kafka: DedicatedKafka;
let around: RunningInference;
let replica: Replica;
const caller = new KeepAliveCaller();

beforeAll(async () => {
  kafka = await dedicatedKafka();
  await ensureTopics(kafka.brokers, PREFIX);
  around = await RunningInference.prepare({}, { brokers: kafka.brokers, prefix: PREFIX });
  replica = await Replica.around(around);
  await replica.start();
  for (const record of ['write', 'sync'] as const)
    await around.deploy(record, testModel('iris'), { policy: { ...openPolicy, record } });
  // Nobody but the load and the replica shall have something to do.
  await around.events.stop();
});

afterAll(async () => {
  caller.close();
  await replica?.end('SIGTERM');
  await around?.remove();
  await kafka?.remove();
});

describe('with Kafka stopped under load', { timeout: OUTAGE_MS + 2 * BEFORE_MS + 400_000 }, () => {
  it('everything is answered as fast as before, and on record once Kafka is back', async () => {
    let turn = 0;
    const load = new Load(() => {
      const endpoint = (turn += 1) % 2 ? 'write' : 'sync';
      return caller.ask({ url: replica.url, endpoint, json: { inputs: [input] }, headers: around.keys.predictor });
    });
    await pause(BEFORE_MS);
    const before = await load.during(BEFORE_MS);
    await kafka.stop();
    const during = await load.during(OUTAGE_MS);
    const waiting = await replica.metric('prediction_log_waiting');
    await kafka.start();
    await pause(1000);
    const outcomes = await load.stop();

    const ratio = compared('without Kafka', before, during);
    expect(tally(outcomes)).toEqual({ 200: outcomes.length });
    // It was away indeed.
    expect(waiting).toBeGreaterThan(during.length * 0.9);
    const record = new Record({ brokers: kafka.brokers, prefix: PREFIX });
    await record.holds(outcomes.length, isFull ? 300_000 : 30_000);
    expect(record.without(outcomes.map(({ prediction }) => String(prediction)))).toEqual([]);
    expect(record.gaps(outcomes.length)).toEqual([]);
    expect([record.size, record.doubles]).toEqual([outcomes.length, []]);
    await record.close();
    expect(await replica.metric('prediction_log_dropped_total')).toBe(0);
    if (isFull) expect(ratio).toBeLessThanOrEqual(1.2);
  });
});
