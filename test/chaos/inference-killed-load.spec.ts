import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { releasedRoute, testModel } from '../integration/inference/released-models.js';
import { RunningInference } from '../integration/inference/running-inference.js';
import { KeepAliveCaller } from './inference-load.js';
import { Replica } from './inference-replica.js';

const json = { inputs: [{ name: 'input', datatype: 'FP32', shape: [1, 4], data: [5.1, 3.5, 1.4, 0.2] }] };
const ATTEMPTS = 20;

let around: RunningInference;
let replica: Replica;
let digest: string;
const caller = new KeepAliveCaller();
const suspects = () => join(around.config.dataDir, 'suspects');
const trying = () => join(suspects(), `${digest}.trying`);

beforeAll(async () => {
  around = await RunningInference.prepare();
  const iris = testModel('iris');
  around.artifacts.keep(iris.bytes);
  const route = releasedRoute(iris);
  ({ digest } = route);
  await around.plans.say(around.plans.plan('iris', [route]));
  // However busy the machine is, the model is short enough for the loop.
  replica = await Replica.around(around, { loopRunMs: 1000 });
});

afterAll(async () => {
  caller.close();
  await replica?.end('SIGTERM');
  await around?.remove();
});

const answers = () => caller.ask({ url: replica.url, endpoint: 'iris', json, headers: around.keys.predictor });

/** Starts it, and kills it while the file is there that says what it tries. @returns whether it was so quick */
async function killWhileItTries(): Promise<boolean> {
  replica.launch();
  const lives = replica.ends.length;
  while (replica.ends.length === lives && !existsSync(trying())) {
    await new Promise((done) => setImmediate(done));
    if (replica.log.includes('listens')) break;
  }
  await replica.end('SIGKILL');
  return existsSync(trying());
}

describe('a replica that was killed while it tried a model on its loop', () => {
  it('keeps that model in a process of its own from its next start on', async () => {
    await replica.start();
    expect([replica.children(), (await answers()).status]).toEqual([[], 200]);
    await replica.end('SIGTERM');
    let isHit = false;
    for (let attempt = 0; !isHit && attempt < ATTEMPTS; attempt += 1) isHit = await killWhileItTries();
    expect(isHit).toBe(true);

    await replica.start();
    expect(replica.children()).toHaveLength(1);
    expect(await replica.metric('model_processes')).toBe(1);
    expect((await answers()).status).toBe(200);
    expect(readdirSync(suspects())).toEqual([digest]);
  });

  it('and from every later one', async () => {
    await replica.end('SIGTERM');
    await replica.start();
    expect(replica.children()).toHaveLength(1);
    expect((await answers()).status).toBe(200);
  });
});
