import { describe, expect, it } from 'vitest';
import { keepsRowsApart } from './row-independence.js';
import type { ModelTensor } from './tensors.js';
import type { Run } from './turn-batcher.js';

const inputs = [{ name: 'x', datatype: 'FP32' as const, shape: [-1, 2] }];

/** A model whose answer for a row may look at all values of a run. */
const model =
  (answer: (row: readonly number[], all: readonly number[]) => number): Run =>
  ([x]) => {
    const all = Array.from(x?.data as Float32Array);
    const rows = Array.from({ length: x?.shape[0] ?? 0 }, (_, index) => all.slice(index * 2, index * 2 + 2));
    const data = Float32Array.from(rows, (row) => answer(row, all));
    const y: ModelTensor = { name: 'y', datatype: 'FP32', shape: [rows.length], data };
    return Promise.resolve([y]);
  };

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

describe('keepsRowsApart', () => {
  it.each<[string, boolean, Run]>([
    ['a model that looks at a row alone', true, model((row) => sum(row))],
    ['one that is not a number anywhere', true, model(() => NaN)],
    ['one that rounds a little differently', true, model((row, all) => sum(row) + all.length * 1e-6)],
    ['one that takes the share of a row in all', false, model((row, all) => Math.exp(sum(row)) / Math.exp(sum(all)))],
    ['one that counts the rows', false, model((_row, all) => all.length)],
    ['one that does not run on samples', false, () => Promise.reject(new Error('no'))],
    ['one with an answer for the whole run', false, () => Promise.resolve([tensorOf(1)])],
  ])('%s: %s', async (_what, expected, run) => {
    expect(await keepsRowsApart(run, inputs)).toBe(expected);
  });

  function tensorOf(rows: number): ModelTensor {
    return { name: 'y', datatype: 'FP32', shape: [rows], data: new Float32Array(rows) };
  }
});
