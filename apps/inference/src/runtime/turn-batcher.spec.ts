import { describe, expect, it } from 'vitest';
import { BatchArena } from './batch-arena.js';
import type { ModelTensor } from './tensors.js';
import { TurnBatcher, type BatchOptions, type Run } from './turn-batcher.js';

const x = (...values: number[]): ModelTensor[] => [
  { name: 'x', datatype: 'FP32', shape: [values.length, 1], data: Float32Array.from(values) },
];
const valuesOf = (outputs: ModelTensor[]) => Array.from(outputs[0]?.data as Float32Array);
const TIMEOUT_MS = 10_000;

/** A batcher, for who would rather wait for a promise. */
function batcherOf(run: Run, options: Partial<BatchOptions> = {}) {
  const batcher = new TurnBatcher(run, {
    ...{ canBatch: true, hasFixedRows: true, maxRows: () => 1000, maxWaiting: 1000 },
    ...options,
  });
  const submit = (inputs: ModelTensor[], timeoutMs = TIMEOUT_MS): Promise<ModelTensor[]> =>
    new Promise((done, fail) => {
      const since = performance.now();
      const succeed = (outputs: readonly ModelTensor[]) => done([...outputs]);
      batcher.submit({ inputs, since, deadline: since + timeoutMs, succeed, fail });
    });
  return { submit, idle: () => batcher.idle() };
}

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

  it('wait for further turns that bring more, once requests come together', async () => {
    const { run, runs } = doubling();
    const batcher = batcherOf(run);
    const turn = () => new Promise((done) => setImmediate(done));
    await Promise.all([batcher.submit(x(1)), batcher.submit(x(2))]);
    await batcher.idle();
    const first = batcher.submit(x(3));
    await turn();
    const second = batcher.submit(x(4));
    await turn();
    expect((await Promise.all([first, second])).map(valuesOf)).toEqual([[6], [8]]);
    expect(runs).toEqual([2, 2]);
  });

  it('wait for nobody when the last request was alone', async () => {
    const { run, runs } = doubling();
    const batcher = batcherOf(run);
    await batcher.submit(x(1));
    await batcher.idle();
    const alone = batcher.submit(x(2));
    await new Promise((done) => setImmediate(done));
    expect(runs).toEqual([1, 1]);
    await alone;
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

  it.each([
    ['run alone where a copy takes longer than a run', 0.01, [100_000, 100_000, 2]],
    ['run together where a run takes longer', 1, [200_002]],
  ])('of large inputs %s', async (_what, fixedMs, expected) => {
    const { run, runs } = doubling();
    const batcher = batcherOf(run, { estimateMs: (rows) => fixedMs + rows / 1e6, maxRows: () => 1_000_000 });
    const large = () => x(...new Array<number>(100_000).fill(1));
    await Promise.all([batcher.submit(large()), batcher.submit(x(1)), batcher.submit(large()), batcher.submit(x(2))]);
    expect(runs).toEqual(expected);
  });

  it('are not larger than allowed', async () => {
    const { run, runs } = doubling();
    const batcher = batcherOf(run, { maxRows: () => 3 });
    await Promise.all([1, 2, 3, 4, 5].map((value) => batcher.submit(x(value))));
    expect(runs).toEqual([3, 2]);
  });

  it('let others have their turn between the parts of a large request', async () => {
    const { run, runs } = doubling();
    const batcher = batcherOf(run, { maxRows: () => 2 });
    expect(valuesOf(await batcher.submit(x(1, 2, 3, 4, 5)))).toEqual([2, 4, 6, 8, 10]);
    expect(runs).toEqual([2, 2, 1]);
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
    const batcher = batcherOf(run);
    const late = batcher.submit(x(1), 5);
    const end = performance.now() + 20;
    while (performance.now() < end) continue;
    await expect(late).rejects.toMatchObject({ status: 504 });
    expect(runs).toEqual([]);
  });

  it('refuse at once what could not be done in time, and say when to come again', async () => {
    const { run } = doubling();
    const batcher = batcherOf(run, { estimateMs: (rows) => rows * 1000 });
    const first = batcher.submit(x(1, 2, 3));
    await expect(batcher.submit(x(4), 3500)).rejects.toMatchObject({ status: 503, retryAfterSeconds: 4 });
    await expect(batcher.submit(x(4), 8500)).resolves.toHaveLength(1);
    await expect(first).resolves.toHaveLength(1);
  });

  it('let others have their turn between runs that take long together', async () => {
    const turns: number[] = [];
    let turn = 0;
    const count = () => {
      turn += 1;
      if (turn < 100) setImmediate(count);
    };
    setImmediate(count);
    const batcher = batcherOf(
      ([input]) => {
        turns.push(turn);
        const end = performance.now() + 2;
        while (performance.now() < end) continue;
        return [input as ModelTensor];
      },
      { canBatch: false },
    );
    await Promise.all([1, 2, 3].map((value) => batcher.submit(x(value))));
    expect(new Set(turns).size).toBe(3);
  });

  it('refuse what comes while as many wait as may, before it is read', async () => {
    const batcher = new TurnBatcher(doubling().run, {
      ...{ canBatch: true, hasFixedRows: true, maxRows: () => 1, maxWaiting: 1000, estimateMs: (rows) => rows * 10 },
    });
    const refused = (now: number, deadline: number) => batcher.refusal(now, deadline)?.status;
    expect(refused(0, 1)).toBeUndefined();
    const answered = new Promise((done) => {
      const since = performance.now();
      batcher.submit({ inputs: x(1), since, deadline: since + TIMEOUT_MS, succeed: done, fail: done });
    });
    expect([refused(0, 15), refused(0, 50)]).toEqual([503, undefined]);
    await answered;
  });

  it('answer in the same turn where the runtime does', async () => {
    const answered: number[] = [];
    const batcher = batcherOf(([input]) => [input as ModelTensor]);
    const all = [1, 2].map((value) => batcher.submit(x(value)).then(() => answered.push(value)));
    await new Promise((done) => setImmediate(done));
    await Promise.resolve();
    expect(answered).toEqual([1, 2]);
    await Promise.all(all);
  });
});

describe('the memory that requests are decoded into', () => {
  it('is not used anew while anybody waits, who came during a run', async () => {
    const inputs = [{ name: 'x', datatype: 'FP32' as const, shape: [-1, 1] }];
    const arena = new BatchArena(inputs, 100);
    const { run } = doubling();
    const batcher = batcherOf(run, { arena });
    const ask = (value: number) => {
      const data = arena.take(0, 1) as Float32Array;
      data[0] = value;
      return batcher.submit([{ name: 'x', datatype: 'FP32', shape: [1, 1], data }]);
    };
    const values = Array.from({ length: 30 }, (_, index) => index + 1);
    const answers: Promise<ModelTensor[]>[] = [];
    for (const value of values) {
      answers.push(ask(value));
      // Whatever was asked before is on its way by now.
      if (value % 5 === 0) await new Promise((done) => setImmediate(done));
    }
    expect((await Promise.all(answers)).map(valuesOf)).toEqual(values.map((value) => [2 * value]));
  });
});
