import { ensureTopics } from '@baton/messaging';
import { dedicatedKafka, waitFor, type DedicatedKafka } from '@baton/testing';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openPolicy, testModel } from '../integration/inference/released-models.js';
import { RunningInference } from '../integration/inference/running-inference.js';
import { KeepAliveCaller, Load, tally, type Outcome } from './inference-load.js';
import { Record } from './inference-record.js';
import { Replica } from './inference-replica.js';
import { smallDisk, smallDiskKind, type SmallDisk } from './inference-small-disk.js';
import { isFull } from './is-full.js';

/** With many more losses: `BATON_FULL=1 npx vitest run --project chaos test/chaos/inference-full-disk.spec.ts`. */
const LOSSES = isFull ? 100_000 : 1000;
const LOSSES_WITHIN_MS = isFull ? 400_000 : 100_000;
const PREFIX = 'full.';
const input = { name: 'input', datatype: 'FP32', shape: [1, 4], data: [5.1, 3.5, 1.4, 0.2] };
const kind = smallDiskKind();

let kafka: DedicatedKafka;
let around: RunningInference;
let replica: Replica;
let disk: SmallDisk;
let load: Load;
const caller = new KeepAliveCaller();
let turn = 0;

const dropped = () => replica.metric('prediction_log_dropped_total');
const waiting = () => replica.metric('prediction_log_waiting');

/** Asks for records of both kinds, in turns. */
function ask() {
  const endpoint = (turn += 1) % 2 ? 'write' : 'sync';
  return caller.ask({ url: replica.url, endpoint, json: { inputs: [input] }, headers: around.keys.predictor });
}

const newLoad = () => new Load(ask, { clients: 8, pauseMs: 1 });

beforeAll(async () => {
  kafka = await dedicatedKafka();
});

afterAll(async () => {
  caller.close();
  await kafka?.remove();
});

beforeEach(async ({ task }) => {
  const prefix = `${PREFIX}${task.id}.`;
  await ensureTopics(kafka.brokers, prefix);
  around = await RunningInference.prepare({}, { brokers: kafka.brokers, prefix });
  disk = smallDisk(kind, join(around.config.dataDir, 'spool'));
  replica = await Replica.around(around, { spoolSegmentBytes: 65_536, logLevel: 'error' });
  await replica.start();
  for (const record of ['write', 'sync'] as const)
    await around.deploy(record, testModel('iris'), { policy: { ...openPolicy, record } });
  await around.events.stop();
  load = newLoad();
});

afterEach(async () => {
  kafka.resume();
  await load?.stop();
  await replica?.end('SIGKILL');
  disk?.remove();
  await around?.remove();
});

async function untilLosses(): Promise<void> {
  const isEnough = async () => ((await dropped()) > LOSSES ? true : undefined);
  await waitFor(isEnough, { what: `${LOSSES} losses`, timeoutMs: LOSSES_WITHIN_MS });
}

async function untilEmpty(): Promise<void> {
  const isEmpty = async () => ((await waiting()) === 0 ? true : undefined);
  await waitFor(isEmpty, { what: 'an empty spool', timeoutMs: 100_000 });
}

/** Everything that was answered is on record or counted as dropped, and the sequences say which. */
async function expectAccount(before: readonly Outcome[] = []): Promise<void> {
  const outcomes = [...before, ...(await load.stop())];
  expect(tally(outcomes)).toEqual({ 200: outcomes.length });
  await untilEmpty();
  const lost = await dropped();
  const record = new Record({ brokers: kafka.brokers, prefix: around.kafka.prefix });
  await record.holds(outcomes.length - lost);
  console.info(`answered ${outcomes.length}, dropped ${lost}, on record ${record.size}`);
  expect(record.size + lost).toBe(outcomes.length);
  expect(record.gaps(outcomes.length)).toHaveLength(lost);
  expect(record.without(outcomes.map(({ prediction }) => String(prediction)))).toHaveLength(lost);
  expect(record.doubles).toEqual([]);
  await record.close();
}

describe.skipIf(!kind)(
  `with a full disk (${kind ?? 'skipped: neither mount nor prlimit'})`,
  { timeout: isFull ? 900_000 : 300_000 },
  () => {
    it('everything is answered, what is lost is counted exactly, and records flow again when there is room', async () => {
      kafka.pause();
      disk.fill(replica.pid);
      await untilLosses();
      disk.makeRoom(replica.pid);
      const [lost, before] = [await dropped(), await waiting()];
      await waitFor(async () => ((await waiting()) > before + 500 ? true : undefined), { what: 'records' });
      // What was on its way when there was room again.
      expect(await dropped()).toBeLessThan(lost + 100);
      kafka.resume();
      await expectAccount();
    });

    it.skipIf(kind !== 'a small file system')('it empties by itself when Kafka is there again', async () => {
      kafka.pause();
      await untilLosses();
      // The load may be more than a busy machine can ship at the same time.
      const before = await load.stop();
      kafka.resume();
      await untilEmpty();
      const lost = await dropped();
      load = newLoad();
      await load.during(1000);
      expect(await dropped()).toBe(lost);
      await expectAccount(before);
    });
  },
);
