import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { releasedRoute, type TestModel } from '../integration/inference/released-models.js';
import { RunningInference } from '../integration/inference/running-inference.js';
import { scaling } from '../support/onnx-models.js';
import { KeepAliveCaller, Load, tally, type Outcome } from './inference-load.js';
import { Replica } from './inference-replica.js';
import { isFull } from './is-full.js';

/** 500 models: `BATON_FULL=1 npx vitest run --project chaos test/chaos/inference-many-models.spec.ts`. */
const MANY = isFull ? 500 : 30;
const EVICTED_FOR_MS = isFull ? 60_000 : 2000;
const FEW = 12;

let around: RunningInference;
let replica: Replica;
let caller: KeepAliveCaller;

/** y = x · factor */
function multiplier(factor: number): TestModel {
  const [x, y] = ['x', 'y'].map((name) => ({ name, datatype: 'FP32' as const, shape: [-1, 2] }));
  const empty = { features: [], expected: { inputs: [], outputs: [] } };
  return { name: `times-${factor}`, bytes: scaling(factor), inputs: x ? [x] : [], outputs: y ? [y] : [], ...empty };
}

/** Plans for so many models, and a replica that serves them. */
async function serve(count: number, change: Record<string, number> = {}): Promise<void> {
  for (let factor = 1; factor <= count; factor += 1) {
    const model = multiplier(factor);
    around.artifacts.keep(model.bytes);
    await around.plans.say(around.plans.plan(model.name, [releasedRoute(model)]));
  }
  replica = await Replica.around(around, { logLevel: 'warn', ...change });
  await replica.start();
}

/** Asks one of so many, and looks at what it says. */
async function askFor(factor: number): Promise<Outcome> {
  const json = { inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], data: [factor, 0.5] }] };
  const endpoint = `times-${factor}`;
  const outcome = await caller.ask({ url: replica.url, endpoint, json, headers: around.keys.predictor });
  if (outcome.status !== 200) return { ...outcome, why: outcome.body ?? outcome.why ?? '' };
  const { outputs } = JSON.parse(outcome.body ?? '') as { outputs: { data: number[] }[] };
  const isRight = outputs[0]?.data[0] === factor * factor && outputs[0].data[1] === factor / 2;
  return isRight ? outcome : { ...outcome, why: `wrong: ${outcome.body}` };
}

const anyOf = (count: number) => 1 + Math.floor(Math.random() * count);

beforeEach(async () => {
  caller = new KeepAliveCaller();
  around = await RunningInference.prepare();
});

afterEach(async () => {
  caller.close();
  await replica?.end('SIGTERM');
  await around?.remove();
});

describe('a replica', { timeout: 300_000 }, () => {
  it(`with memory for a few of ${FEW} models answers for all of them, whichever is asked for`, async () => {
    await serve(FEW, { modelMemoryMb: 1 });
    const load = new Load(() => askFor(anyOf(FEW)), { clients: 4, pauseMs: 1 });
    await load.during(EVICTED_FOR_MS / 4);
    const memoryMb = replica.memoryMb();
    const evictions = await replica.metric('model_evictions_total');
    await load.during(EVICTED_FOR_MS);
    const outcomes = await load.stop();
    const more = (await replica.metric('model_evictions_total')) - evictions;
    console.info(`${outcomes.length} answers, ${more} evictions, ${memoryMb} MB -> ${replica.memoryMb()} MB`);

    expect(tally(outcomes)).toEqual({ 200: outcomes.length });
    expect(more).toBeGreaterThan(FEW);
    expect(await replica.metric('models_memory_bytes')).toBeLessThanOrEqual(2 ** 20);
    expect(await replica.metric('models_loaded')).toBeLessThan(FEW);
    expect(replica.memoryMb() - memoryMb).toBeLessThan(64);
  });

  it(`with ${MANY} models answers for each of them`, async () => {
    const began = performance.now();
    await serve(MANY);
    console.info(`${MANY} models after ${Math.round(performance.now() - began)} ms, ${replica.memoryMb()} MB`);
    const loads = Array.from({ length: MANY }, (_, index) => askFor(index + 1));
    const outcomes = await Promise.all(loads);

    expect(tally(outcomes)).toEqual({ 200: MANY });
    expect(await replica.metric('models_loaded')).toBe(MANY);
    expect(replica.ends).toEqual([]);
  });
});
