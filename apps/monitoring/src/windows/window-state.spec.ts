import type { PredictionLogged } from '@baton/contracts';
import { describe, expect, it } from 'vitest';
import { profileOf } from '../drift/reference-profile.js';
import { featureColumns } from './feature-columns.js';
import { mergeParts, versionWindow, type WindowPart } from './version-window.js';
import { addPrediction, emptyState, mergeStates, type TracedPrediction, type WindowState } from './window-state.js';

const signature = {
  inputs: [{ name: 'x', datatype: 'FP64' as const, shape: [-1, 2] }],
  outputs: [{ name: 'label', datatype: 'BYTES' as const, shape: [-1] }],
  features: ['wind', 'rain'],
};
const reference = profileOf(
  ['wind', 'rain', 'prediction'],
  Array.from({ length: 60 }, (_, day) => [String(day / 7), String((day * 13) % 31), day % 3 === 0 ? 'sun' : 'rain']),
);
const columns = featureColumns(signature, { logging: 'full', features: {} }, reference);

function prediction(index: number, change: Partial<PredictionLogged> = {}): TracedPrediction {
  const id = `0190163d-8694-739b-aea5-${String(index).padStart(12, '0')}`;
  const time = new Date(Date.UTC(2012, 0, 1 + ((index * 17) % 31))).toISOString();
  const data: PredictionLogged = {
    prediction: id,
    endpoint: 'weather',
    project: 'default',
    deployment: id,
    model: 'weather',
    version: 1,
    digest: 'a'.repeat(64),
    replica: id,
    sequence: index + 1,
    caller: 'tester',
    receivedAt: time,
    eventTime: time,
    latencyMs: 0.3 * (index + 1),
    outcome: 'ok',
    rows: 2,
    inputs: [{ name: 'x', datatype: 'FP64', shape: [2, 2], data: [index / 7, 3, null, index] }],
    outputs: [{ name: 'label', datatype: 'BYTES', shape: [2], data: ['sun', 'hail'] }],
    ...change,
  };
  return { data, traceparent: index % 5 === 0 ? undefined : `00-${'0'.repeat(31)}1-${'0'.repeat(15)}${index % 10}-01` };
}

function stateOf(stream: readonly TracedPrediction[]): WindowState {
  const state = emptyState();
  for (const event of stream) addPrediction(state, event, columns);
  return state;
}

const stream = Array.from({ length: 40 }, (_, index) =>
  prediction(index, index % 9 === 4 ? { outcome: 'failed', error: 'no', rows: 0 } : {}),
);
const shadows = stream.map(({ data, ...trace }) => ({ ...trace, data: { ...data, shadow: true, latencyMs: 900 } }));
const mixed = stream.flatMap((event, index) => [event, ...shadows.slice(index, index + 1)]);

/** Sums of floating point numbers differ in their last digits with the order of adding. */
function rounded(state: WindowState): unknown {
  return JSON.parse(JSON.stringify(state), (_key, value: unknown) =>
    typeof value === 'number' ? Number(value.toPrecision(10)) : value,
  );
}

describe('addPrediction', () => {
  it('counts requests and failures, and learns of features from answers alone', () => {
    const state = stateOf(stream);

    expect(state).toMatchObject({ predictions: 40, failures: 4, rows: 72 });
    expect(state.features['input/wind']?.summary).toMatchObject({ n: 36, missing: 36 });
    expect(state.features['input/rain']?.summary).toMatchObject({ n: 72, missing: 0 });
    expect(state.features['output/label']?.summary).toMatchObject({ n: 72, outOfRange: 36 });
  });

  it.each([
    ['is not there', []],
    ['has no values', [{ name: 'x', datatype: 'FP64' as const, shape: [2, 2] }]],
    ['has half a row', [{ name: 'x', datatype: 'FP64' as const, shape: [1, 2], data: [1, 2, 3] }]],
  ])('takes a prediction whose tensor %s', (_what, inputs) => {
    const state = stateOf([prediction(1, { inputs })]);

    expect(state.predictions).toBe(1);
    expect(state.features['input/wind']?.summary).toMatchObject({ n: 0, missing: 0 });
  });

  it('comes out the same when the state went through JSON between any two', () => {
    let state = emptyState();
    for (const event of stream) {
      state = JSON.parse(JSON.stringify(state)) as WindowState;
      addPrediction(state, event, columns);
    }

    expect(state).toEqual(stateOf(stream));
  });

  it("keeps a shadow's answers apart from those that somebody got", () => {
    const { shadow, ...answered } = stateOf(mixed);

    expect(answered).toEqual(stateOf(stream));
    expect(shadow).toMatchObject({ predictions: 40, failures: 4, rows: 72 });
    expect(shadow?.features).toEqual(answered.features);
  });

  it('only counts values for a state that was begun without the reference', () => {
    const state = emptyState();
    addPrediction(state, prediction(1), featureColumns(signature, { logging: 'full', features: {} }, undefined));
    addPrediction(state, prediction(2), columns);

    expect(state.features['input/rain']?.summary).toMatchObject({ n: 4, counts: [] });
  });
});

describe('mergeStates', () => {
  it.each([0, 1, 7, 20, 39, 40])('of a stream cut at %i is the state of the whole', (at) => {
    const merged = mergeStates(stateOf(stream.slice(0, at)), stateOf(stream.slice(at)));

    expect(rounded(merged)).toEqual(rounded(stateOf(stream)));
  });

  it.each([0, 1, 2, 40, 79, 80])('of answers and shadows cut at %i is the state of the whole', (at) => {
    const merged = mergeStates(stateOf(mixed.slice(0, at)), stateOf(mixed.slice(at)));

    expect(rounded(merged)).toEqual(rounded(stateOf(mixed)));
  });

  it('knows the first trace in event time, whichever comes first', () => {
    const [a, b] = [stateOf(stream.slice(0, 20)), stateOf(stream.slice(20))];

    expect(mergeStates(a, b).trace).toEqual(mergeStates(b, a).trace);
    expect(mergeStates(a, b).trace?.eventTime).toBe('2012-01-01T00:00:00.000Z');
  });
});

describe('mergeParts', () => {
  const part = (partition: number, version: number, events: readonly TracedPrediction[]): WindowPart => ({
    ...{ partition, model: 'weather', version, digest: 'a'.repeat(64), reference: 'b'.repeat(64) },
    state: stateOf(events),
  });
  const parts = [part(2, 1, stream.slice(0, 10)), part(0, 2, stream.slice(10, 20)), part(0, 1, stream.slice(20))];

  it('merges the partitions of each version to the last digit alike, in whatever order they are read', () => {
    const merged = mergeParts(parts);

    expect(merged.map(({ version, state }) => [version, state.predictions])).toEqual([
      [1, 30],
      [2, 10],
    ]);
    expect(mergeParts([...parts].reverse())).toEqual(merged);
  });

  it('gives what window.closed says of a version', () => {
    const [first] = mergeParts([part(0, 1, stream)]);
    if (!first) throw new Error('nothing was merged');
    const window = versionWindow(first, reference);

    expect(window).toMatchObject({ model: 'weather', version: 1, predictions: 40, failures: 4, rows: 72 });
    expect(window.latencyP50Ms).toBeGreaterThan(5);
    expect(window.latencyP99Ms).toBeGreaterThan(11);
    expect(window.features.map(({ name, role, n }) => [name, role, n])).toEqual([
      ['rain', 'input', 72],
      ['wind', 'input', 36],
      ['label', 'output', 72],
    ]);
    expect(window.features.every(({ statistic }) => statistic !== undefined)).toBe(true);
  });

  it('says of a version what it answered, and of a shadow only its features', () => {
    const [answered] = mergeParts([part(0, 1, stream)]);
    const [both] = mergeParts([part(0, 1, stream), part(1, 1, shadows)]);
    const [hidden] = mergeParts([part(0, 1, shadows)]);
    if (!answered || !both || !hidden) throw new Error('nothing was merged');
    const window = versionWindow(hidden, reference);

    expect(versionWindow(both, reference)).toEqual(versionWindow(answered, reference));
    expect(window).toMatchObject({ predictions: 0, failures: 0, rows: 0 });
    expect(window.latencyP99Ms).toBeUndefined();
    expect(window.features).toEqual(versionWindow(answered, reference).features);
  });

  it('says nothing of drift without the reference, and nothing of latency without an answer', () => {
    const failed = [prediction(1, { outcome: 'failed', rows: 0 })];
    const [first] = mergeParts([part(0, 1, failed)]);
    const [second] = mergeParts([part(0, 1, stream)]);
    if (!first || !second) throw new Error('nothing was merged');

    expect(versionWindow(first, reference)).toMatchObject({ predictions: 1, failures: 1, features: [] });
    expect(versionWindow(first, reference).latencyP50Ms).toBeUndefined();
    expect(versionWindow(second, undefined).features.some(({ drifted }) => drifted)).toBe(false);
  });
});
