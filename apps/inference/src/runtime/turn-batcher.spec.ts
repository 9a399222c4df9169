import { describe, expect, it } from 'vitest';
import type { ModelTensor } from './tensors.js';
import { TurnBatcher, type BatchOptions, type Run } from './turn-batcher.js';

const x = (...values: number[]): ModelTensor[] => [
  { name: 'x', datatype: 'FP32', shape: [values.length, 1], data: Float32Array.from(values) },
];
const valuesOf = (outputs: ModelTensor[]) => Array.from(outputs[0]?.data as Float32Array);
const batcherOf = (run: Run, options: Partial<BatchOptions> = {}) =>
  new TurnBatcher(run, { canBatch: true, maxRows: 1000, maxWaiting: 1000, timeoutMs: 10_000, ...options });

/** y = 2x; fails when a value is negative. Like the runtime, it answers in a later turn. */
function doubling() {
  const runs: number[] = [];
  const run = async ([input]: readonly ModelTensor[]): Promise<ModelTensor[]> => {
    const data = input?.data as Float32Array;
    runs.push(data.length);
    await new Promise((done) => setImmediate(done));
    if (data.some((value) => value < 0)) throw new Error('negative');
    return [{ ...(input as ModelTensor), name: 'y', data: data.map((value) => 2 * value) }];
  };
  return { run, runs };
}

describe('batches of one turn', () => {
  it('run what arrives together once, and give everybody their own rows', async () => {
    const { run, runs } = doubling();
    const batcher = batcherOf(run);
    const answers = await Promise.all([batcher.submit(x(1)), batcher.submit(x(2, 3)), batcher.submit(x(4))]);
    expect(answers.map(valuesOf)).toEqual([[2], [4, 6], [8]]);
    expect(runs).toEqual([4]);
  });

  it('gather what comes while one of them runs', async () => {
    const { run, runs } = doubling();
    const batcher = batcherOf(run);
    const first = batcher.submit(x(1));
    await new Promise((done) => setImmediate(done));
    const later = [batcher.submit(x(2)), batcher.submit(x(3))];
    expect((await Promise.all([first, ...later])).map(valuesOf)).toEqual([[2], [4], [6]]);
    expect(runs).toEqual([1, 2]);
    await batcher.idle();
  });

  it('do not let one bad request fail the others', async () => {
    const { run, runs } = doubling();
    const batcher = batcherOf(run);
    const answers = await Promise.allSettled([batcher.submit(x(1)), batcher.submit(x(-1)), batcher.submit(x(3))]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(runs).toEqual([3, 1, 1, 1]);
  });

  it('are not made of a model that does not keep rows apart', async () => {
    const { run, runs } = doubling();
    const batcher = batcherOf(run, { canBatch: false });
    await Promise.all([batcher.submit(x(1)), batcher.submit(x(2))]);
    expect(runs).toEqual([1, 1]);
  });

  it('are given up when the rows of an answer are not those of the question', async () => {
    const sums: Run = ([input]) => {
      const sum = (input?.data as Float32Array).reduce((total, value) => total + value, 0);
      return Promise.resolve([{ name: 'y', datatype: 'FP32', shape: [1, 1], data: Float32Array.of(sum) }]);
    };
    const batcher = batcherOf(sums);
    const answers = await Promise.all([batcher.submit(x(1, 2)), batcher.submit(x(3, 4))]);
    expect(answers.map(valuesOf)).toEqual([[3], [7]]);
  });

  it('are not larger than allowed', async () => {
    const { run, runs } = doubling();
    const batcher = batcherOf(run, { maxRows: 3 });
    await Promise.all([1, 2, 3, 4, 5].map((value) => batcher.submit(x(value))));
    expect(runs).toEqual([3, 2]);
  });

  it('refuse at once what would be too many', async () => {
    const { run } = doubling();
    const batcher = batcherOf(run, { maxWaiting: 2 });
    const [one, two, three] = [1, 2, 3].map((value) => batcher.submit(x(value)));
    await expect(three).rejects.toMatchObject({ status: 503, retryAfterSeconds: 1 });
    expect((await Promise.all([one, two])).map((answer) => valuesOf(answer ?? []))).toEqual([[2], [4]]);
  });

  it('leave out what has waited for too long', async () => {
    const { run, runs } = doubling();
    const batcher = batcherOf(run, { timeoutMs: 5 });
    const late = batcher.submit(x(1));
    const end = performance.now() + 20;
    while (performance.now() < end) continue;
    await expect(late).rejects.toMatchObject({ status: 504 });
    expect(runs).toEqual([]);
  });
});
