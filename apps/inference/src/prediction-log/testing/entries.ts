import type { EndpointPolicy, Route, ServingPlan } from '@baton/contracts';
import type { PredictionEntry } from '../prediction-entry.js';

const route = {
  deployment: '01890a5d-ac96-774b-bcce-b302099a8057',
  model: 'iris',
  version: 3,
  digest: 'a'.repeat(64),
  weight: 100,
  files: [],
  inputs: [{ name: 'input', datatype: 'FP32', shape: [-1, 4] }],
  outputs: [{ name: 'label', datatype: 'INT64', shape: [-1] }],
  features: ['sepal_length', 'sepal_width', 'petal_length', 'petal_width'],
} as unknown as Route;

/** A plan of one route, with what a policy says of the log. */
export function somePlan(policy: Partial<EndpointPolicy> = {}, change: Partial<Route> = {}): ServingPlan {
  const all = { record: 'write', logging: 'full', features: {}, ...policy };
  return {
    endpoint: 'iris',
    project: 'default',
    routes: [{ ...route, ...change }],
    policy: all,
  } as unknown as ServingPlan;
}

const plan = somePlan();

export function someEntry(change: Partial<PredictionEntry> = {}): PredictionEntry {
  return {
    plan,
    route: (change.plan ?? plan).routes[0] as Route,
    prediction: '01890a5d-ac96-774b-bcce-b302099a8057',
    caller: 'abcdefghijklmnop',
    receivedAt: Date.parse('2026-01-02T03:04:05.678Z') + 0.25,
    eventTime: Date.parse('2026-01-02T03:04:05.678Z'),
    latencyMs: 0.7344,
    rows: 1,
    inputs: [{ name: 'input', datatype: 'FP32', shape: [1, 4], data: Float32Array.of(1.5, 2.5, 3.5, 4.5) }],
    outputs: [{ name: 'label', datatype: 'INT64', shape: [1], data: BigInt64Array.of(2n) }],
    ...change,
  };
}
