import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GrpcCalls } from '../integration/inference/grpc-calls.js';
import { releasedRoute, testModel } from '../integration/inference/released-models.js';
import { RunningInference } from '../integration/inference/running-inference.js';
import { Balancer } from './inference-balancer.js';
import { KeepAliveCaller, Load, tally, type Outcome } from './inference-load.js';
import { Replica } from './inference-replica.js';
import { isFull } from './is-full.js';

/** Twenty restarts: `BATON_FULL=1 npx vitest run --project chaos test/chaos/inference-restarts.spec.ts`. */
const RESTARTS = isFull ? 20 : 2;
/** What `minReadySeconds` is for: a gRPC client that was refused does not look again for a second. */
const MIN_READY_MS = 1500;
const row = { name: 'input', datatype: 'FP32', shape: [1, 4] };
const json = { inputs: [{ ...row, data: [5.1, 3.5, 1.4, 0.2] }] };
const raw = Buffer.from(Float32Array.of(5.1, 3.5, 1.4, 0.2).buffer);

let around: RunningInference;
let replicas: Replica[];
let balancer: Balancer;
let channel: GrpcCalls;
const caller = new KeepAliveCaller();

beforeAll(async () => {
  around = await RunningInference.prepare();
  const iris = testModel('iris');
  around.artifacts.keep(iris.bytes);
  await around.plans.say(around.plans.plan('iris', [releasedRoute(iris)]));
  const folders = ['one', 'two'].map((name) => join(around.folder, name));
  replicas = await Promise.all(folders.map((dataDir) => Replica.around(around, { dataDir })));
  await Promise.all(replicas.map((replica) => replica.start()));
  balancer = new Balancer(replicas);
  for (const replica of replicas) await balancer.sees(replica);
  channel = new GrpcCalls(`ipv4:${replicas.map(({ grpcPort }) => `127.0.0.1:${grpcPort}`).join(',')}`);
  await around.events.stop();
});

afterAll(async () => {
  caller.close();
  channel?.close();
  await balancer?.stop();
  await Promise.all(replicas.map((replica) => replica.end('SIGTERM')));
  await around?.remove();
});

const headers = () => around.keys.predictor;

/** On connections of an agent that keeps them. */
function overAgent(): Promise<Outcome> {
  return caller.ask({ url: balancer.next().url, endpoint: 'iris', json, headers: headers() });
}

/** On connections of undici's pool, which is what `fetch` has. */
async function overFetch(): Promise<Outcome> {
  const askedAt = performance.now();
  const body = JSON.stringify(json);
  const ended = (outcome: Pick<Outcome, 'status' | 'why'>) => ({
    ...outcome,
    askedAt,
    ms: performance.now() - askedAt,
  });
  try {
    const url = `${balancer.next().url}/v2/models/iris/infer`;
    const response = await fetch(url, { method: 'POST', headers: headers(), body });
    await response.text();
    return ended({ status: response.status });
  } catch (error) {
    const { cause } = error as Error & { cause?: { code?: string } };
    return ended({ status: 0, why: cause?.code ?? String(error) });
  }
}

/** On one channel to both. */
async function overGrpc(): Promise<Outcome> {
  const askedAt = performance.now();
  const request = { model_name: 'iris', inputs: [row], raw_input_contents: [raw] };
  const { code, message } = await channel.call('ModelInfer', request, headers());
  const ms = performance.now() - askedAt;
  return code === 0 ? { status: 200, askedAt, ms } : { status: 0, why: `gRPC ${code}: ${message}`, askedAt, ms };
}

describe('replicas that are restarted one after the other', { timeout: 60_000 + RESTARTS * 15_000 }, () => {
  it('fail nobody who keeps his connections', async () => {
    const loads = [overAgent, overFetch, overGrpc].map((ask) => new Load(ask, { clients: 4, pauseMs: 3 }));
    await loads[0]?.during(500);
    for (let count = 0; count < RESTARTS; count += 1) {
      const replica = replicas[count % replicas.length] as Replica;
      await replica.end('SIGTERM');
      await replica.start();
      await balancer.sees(replica);
      await loads[0]?.during(MIN_READY_MS);
    }

    const outcomes = await Promise.all(loads.map((load) => load.stop()));
    console.info(JSON.stringify(outcomes.map(tally)));
    expect(outcomes.map(tally)).toEqual(outcomes.map(({ length }) => ({ 200: length })));
    for (const { length } of outcomes) expect(length).toBeGreaterThan(RESTARTS * 100);
    expect(replicas.flatMap(({ ends }) => ends)).toEqual(Array.from({ length: RESTARTS }, () => 0));
  });
});
