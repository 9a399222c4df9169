import { describe, expect, it } from 'vitest';
import type { ModelTensor } from './tensors.js';
import { TurnBatcher } from './turn-batcher.js';

const x = (...values: number[]): ModelTensor[] => [
  { name: 'x', datatype: 'FP32', shape: [values.length, 1], data: Float32Array.from(values) },
];
const open = [{ name: 'x', datatype: 'FP32' as const, shape: [-1, 1] }];
const valuesOf = (outputs: ModelTensor[]) => Array.from(outputs[0]?.data as Float32Array);

/** y = 2x; fails when a value is negative. */
function doubling() {
  const runs: number[] = [];
  const run = ([input]: readonly ModelTensor[]): Promise<ModelTensor[]> => {
    const data = input?.data as Float32Array;
    runs.push(data.length);
    if (data.some((value) => value < 0)) return Promise.reject(new Error('negative'));
    return Promise.resolve([{ ...(input as ModelTensor), name: 'y', data: data.map((value) => 2 * value) }]);
  };
  return { run, runs };
}

describe('batches of one turn', () => {
  it('runs what arrives together once, and gives everybody his own rows', async () => {
    const { run, runs } = doubling();
    const batcher = new TurnBatcher(run, open, open);
    const answers = await Promise.all([batcher.submit(x(1)), batcher.submit(x(2, 3)), batcher.submit(x(4))]);
    expect(answers.map(valuesOf)).toEqual([[2], [4, 6], [8]]);
    expect(runs).toEqual([4]);
  });

  it('does not let one bad request fail the others', async () => {
    const { run, runs } = doubling();
    const batcher = new TurnBatcher(run, open, open);
    const answers = await Promise.allSettled([batcher.submit(x(1)), batcher.submit(x(-1)), batcher.submit(x(3))]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(runs).toEqual([3, 1, 1, 1]);
  });

  it('runs one by one what has a fixed first dimension', async () => {
    const { run, runs } = doubling();
    const fixed = [{ name: 'x', datatype: 'FP32' as const, shape: [1, 1] }];
    const batcher = new TurnBatcher(run, fixed, open);
    await Promise.all([batcher.submit(x(1)), batcher.submit(x(2))]);
    expect(runs).toEqual([1, 1]);
  });

  it('stops batching a model that does not keep rows apart', async () => {
    const sums = ([input]: readonly ModelTensor[]): Promise<ModelTensor[]> => {
      const sum = (input?.data as Float32Array).reduce((total, value) => total + value, 0);
      return Promise.resolve([{ name: 'y', datatype: 'FP32', shape: [1, 1], data: Float32Array.of(sum) }]);
    };
    const batcher = new TurnBatcher(sums, open, open);
    const answers = await Promise.all([batcher.submit(x(1, 2)), batcher.submit(x(3, 4))]);
    expect(answers.map(valuesOf)).toEqual([[3], [7]]);
  });

  it('splits what is too many rows', async () => {
    const { run, runs } = doubling();
    const batcher = new TurnBatcher(run, open, open);
    const many = x(...new Array<number>(1500).fill(1));
    await Promise.all([batcher.submit(many), batcher.submit(many)]);
    expect(runs).toEqual([1500, 1500]);
  });
});
