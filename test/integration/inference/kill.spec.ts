import type { PredictionLogged } from '@baton/contracts';
import { waitFor } from '@baton/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InferenceProcess } from './inference-process.js';
import { openPolicy, releasedRoute, testModel } from './released-models.js';
import { RunningInference } from './running-inference.js';

const iris = testModel('iris');
const body = JSON.stringify({
  inputs: [{ name: 'input', datatype: 'FP32', shape: [1, 4], data: [5.1, 3.5, 1.4, 0.2] }],
});

let around: RunningInference;
let replica: InferenceProcess;

beforeAll(async () => {
  around = await RunningInference.prepare();
  around.artifacts.keep(iris.bytes);
  for (const record of ['write', 'sync'] as const) {
    await around.plans.say(around.plans.plan(record, [releasedRoute(iris)], { policy: { ...openPolicy, record } }));
  }
  replica = await InferenceProcess.start(around);
});

afterAll(async () => {
  await replica.stop();
  await around.remove();
});

/** Ids of the predictions that were answered, until the process is gone. */
async function askUntilItIsGone(endpoint: string, url: string): Promise<string[]> {
  const answered: string[] = [];
  const headers = { ...around.keys.predictor };
  for (;;) {
    try {
      const response = await fetch(`${url}/v2/models/${endpoint}/infer`, { method: 'POST', headers, body });
      const { parameters } = (await response.json()) as { parameters: { prediction: string } };
      answered.push(parameters.prediction);
    } catch {
      return answered;
    }
  }
}

describe('a replica that is killed while it writes', () => {
  it('has logged every prediction that it answered, without a gap and without a number twice', async () => {
    const answered: string[] = [];
    for (let round = 0; round < 5; round += 1) {
      const callers = ['write', 'sync', 'write', 'sync', 'write', 'write', 'sync', 'write'].map((endpoint) =>
        askUntilItIsGone(endpoint, replica.url),
      );
      const seen = around.events.of('prediction.logged').length;
      await waitFor(() => (around.events.of('prediction.logged').length > seen + 100 ? true : undefined), {
        what: 'predictions',
      });
      await replica.kill();
      answered.push(...(await Promise.all(callers)).flat());
      replica = await InferenceProcess.start(around);
    }
    expect(answered.length).toBeGreaterThan(500);
    const missing = () => {
      const there = logged();
      return answered.filter((id) => !there.has(id));
    };
    await waitFor(() => (missing().length === 0 ? true : undefined), {
      what: () => `${missing().length} of ${answered.length} answered predictions`,
    });
    const bySequence = new Map<number, string>();
    for (const { sequence, prediction } of logged().values()) {
      expect(bySequence.get(sequence) ?? prediction).toBe(prediction);
      bySequence.set(sequence, prediction);
    }
    const sequences = [...bySequence.keys()].toSorted((a, b) => a - b);
    expect(sequences).toEqual(Array.from({ length: sequences.length }, (_, index) => index + 1));
  }, 180_000);
});

function logged(): Map<string, PredictionLogged> {
  const all = around.events.of('prediction.logged').flatMap(({ data }) => (data ? [data] : []));
  return new Map(all.map((said) => [said.prediction, said]));
}
