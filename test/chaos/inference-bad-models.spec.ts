import { waitFor } from '@baton/testing';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endlessWhenPositive, zerosOfShape, type IsolatedModel } from '../integration/inference/isolation-models.js';
import { testModel, type TestModel } from '../integration/inference/released-models.js';
import { RunningInference } from '../integration/inference/running-inference.js';
import { compared, KeepAliveCaller, Load, tally, type Outcome } from './inference-load.js';
import { Replica } from './inference-replica.js';
import { isFull } from './is-full.js';

/**
 * A minute of each, and how long the others take is asserted:
 * `BATON_FULL=1 npx vitest run --project chaos test/chaos/inference-bad-models.spec.ts`.
 */
const EACH_MS = isFull ? 60_000 : 2000;
const OTHERS_AT_MOST = 1.5;
/** Each makes the next start wait twice as long. */
const KILLS = 3;

const good = { inputs: [{ name: 'input', datatype: 'FP32', shape: [1, 4], data: [5.1, 3.5, 1.4, 0.2] }] };
/** Positive ones never end. */
const turns = (value: number) => ({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 1], data: [value] }] });
/** Bytes that it takes: 4 times as many. */
const zeros = (...sizes: number[]) => ({
  inputs: [{ name: 'shape', datatype: 'INT64', shape: [sizes.length], data: sizes }],
});

let around: RunningInference;
let replica: Replica;
let alone: Outcome[];
const caller = new KeepAliveCaller();
const crashes = () => replica.metric('model_process_crashes_total');

function ask(endpoint: string, json: object): Promise<Outcome> {
  return caller.ask({ url: replica.url, endpoint, json, headers: around.keys.predictor });
}

function asTestModel(model: IsolatedModel): TestModel {
  return { ...model, bytes: Buffer.from(model.bytes), features: [], expected: { inputs: [], outputs: [] } };
}

beforeAll(async () => {
  around = await RunningInference.prepare();
  replica = await Replica.around(around, { runTimeoutMs: 1000, processMemoryMb: 128, requestTimeoutMs: 5000 });
  await replica.start();
  await around.deploy('good', testModel('iris'));
  await around.deploy('eater', asTestModel(zerosOfShape()));
  const load = new Load(() => ask('good', good));
  // What is compiled late, is compiled by then.
  await pause(EACH_MS / 2);
  alone = await load.during(EACH_MS / 2);
  await load.stop();
});

afterAll(async () => {
  caller.close();
  await replica?.end('SIGTERM');
  await around?.remove();
});

/** Asks both at once. @returns what the bad one's callers got */
async function beside(what: string, bad: () => Promise<Outcome>, meanwhile?: () => Promise<void>): Promise<Outcome[]> {
  const load = new Load(() => ask('good', good));
  const badLoad = new Load(bad, { clients: 2, pauseMs: 1 });
  const [during] = await Promise.all([load.during(EACH_MS), meanwhile?.()]);
  const outcomes = await load.stop();
  const badOutcomes = await badLoad.stop();
  console.info(`${what}: ${JSON.stringify(tally(badOutcomes))}`);
  expect(tally(outcomes)).toEqual({ 200: outcomes.length });
  const ratio = compared(`beside ${what}`, alone, during);
  if (isFull) expect(ratio).toBeLessThanOrEqual(OTHERS_AT_MOST);
  return badOutcomes;
}

/** Only these statuses; a refusal that may be repeated says when. */
function expectDeclared(outcomes: readonly Outcome[], statuses: readonly number[]): void {
  for (const { status, retryAfter } of outcomes) {
    expect(statuses).toContain(status);
    if (status === 503) expect(Number(retryAfter)).toBeGreaterThanOrEqual(1);
  }
  expect(outcomes.length).toBeGreaterThan(0);
}

async function isBack(endpoint: string, json: object): Promise<void> {
  const answered = async () => ((await ask(endpoint, json)).status === 200 ? true : undefined);
  await waitFor(answered, { what: `${endpoint} to be back`, timeoutMs: 60_000 });
}

describe('a good model is answered for, as quickly as alone, beside one', { timeout: EACH_MS * 2 + 90_000 }, () => {
  it('that crashes', async () => {
    const crash = async () => {
      for (let kills = 1; kills <= KILLS; kills += 1) {
        await pause(EACH_MS / (KILLS + 1));
        const pid = await waitFor(() => replica.children()[0], { what: 'the process of the model' });
        process.kill(pid, 'SIGSEGV');
        // What is dying still counts as a child.
        await waitFor(async () => ((await crashes()) === kills ? true : undefined), { what: `crash ${kills}` });
      }
    };
    const outcomes = await beside('one that crashes', () => ask('eater', zeros(1000, 1000)), crash);

    // A run takes much of the memory that its process may have, and in the first runs after a start it may be too much.
    expectDeclared(outcomes, [200, 413, 503, 504]);
    expect(await crashes()).toBe(KILLS);
    await isBack('eater', zeros(10));
  });

  it('that loops for ever', async () => {
    await around.deploy('looper', asTestModel(endlessWhenPositive()));
    const outcomes = await beside('one that loops', () => ask('looper', turns(1)));

    expectDeclared(outcomes, [503, 504]);
    await isBack('looper', turns(-1));
  });

  it('that eats memory', async () => {
    const outcomes = await beside('one that eats memory', () => ask('eater', zeros(32_768, 32_768)));

    expectDeclared(outcomes, [413, 503]);
    await isBack('eater', zeros(10));
  });

  it('and the replica has lived through all of it', () => {
    expect(replica.ends).toEqual([]);
  });
});
