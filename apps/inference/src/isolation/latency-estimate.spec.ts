import { describe, expect, it } from 'vitest';
import { LatencyEstimate } from './latency-estimate.js';

/** Numbers in [0, 1) that are the same each time (Lehmer's generator). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

type Seen = [rows: number, ms: number];
const learnt = (seen: readonly Seen[]) => {
  const estimate = new LatencyEstimate();
  for (const [rows, ms] of seen) estimate.observe(rows, ms);
  return estimate;
};
const times = (count: number, make: (index: number) => Seen) => Array.from({ length: count }, (_, i) => make(i));

describe('the latency estimate', () => {
  it.each<[string, readonly Seen[], number, number | undefined]>([
    ['nothing of nothing', [], 1, undefined],
    ['one run for the same rows', [[8, 2]], 8, 2],
    ['one run in proportion for more rows', [[8, 2]], 80, 20],
    ['no less than one run for fewer rows', [[8, 2]], 1, 2],
    [
      'the line through two',
      [
        [1, 1],
        [11, 2],
      ],
      21,
      3,
    ],
    ['no slope where more rows were faster', times(50, (i) => [1 + (i % 2) * 9, 2 - (i % 2)]), 1000, 1.5],
    ['no fixed part where it would be negative', times(50, (i) => (i % 2 ? [10, 0.5] : [100, 10])), 0, 0],
    [
      'nothing of what is no measurement',
      [
        [1, 1],
        [0, 9],
        [5, NaN],
        [Infinity, 1],
        [2, -1],
      ],
      1,
      1,
    ],
    [
      'not the first run, which warms up',
      [
        [1, 50],
        [1, 0.1],
      ],
      1,
      0.1,
    ],
    [
      'the first run if the second was smaller',
      [
        [100, 50],
        [1, 0.5],
      ],
      100,
      50,
    ],
  ])('says %s', (_what, seen, rows, ms) => {
    const said = learnt(seen).estimateMs(rows);
    if (ms === undefined) expect(said).toBeUndefined();
    else expect(Math.abs((said ?? NaN) - ms)).toBeLessThanOrEqual(0.02 * ms);
  });

  it('finds a and b in noise and outliers, and neither is ever negative', () => {
    const next = numbers(7);
    for (let round = 0; round < 200; round += 1) {
      const [a, b] = [10 ** (-4 + 4 * next()), 10 ** (-2 + 3 * next())];
      const estimate = new LatencyEstimate();
      for (let run = 0; run < 500; run += 1) {
        const rows = Math.ceil(512 ** next());
        const isOutlier = next() < 0.03;
        estimate.observe(rows, (a * rows + b) * (0.9 + 0.2 * next()) * (isOutlier ? 20 : 1));
        const [none = 0, one = 0] = [estimate.estimateMs(0), estimate.estimateMs(1)];
        if (none < 0 || one < none) expect.fail(`${one} ms for a row, ${none} for none`);
      }
      for (const rows of [1, 16, 512]) {
        const ratio = (estimate.estimateMs(rows) ?? NaN) / (a * rows + b);
        expect(ratio, `a ${a}, b ${b}, ${rows} rows`).toBeGreaterThan(0.85);
        expect(ratio, `a ${a}, b ${b}, ${rows} rows`).toBeLessThan(1.15);
      }
    }
  });

  it('is not moved by a few runs that were held up', () => {
    const steady = times(100, (i) => [1 + (i % 4), 1 + (i % 4)]);
    const estimate = learnt([...steady, [2, 200], [2, 200], ...steady.slice(0, 10)]);
    expect(estimate.estimateMs(2)).toBeLessThan(2.5);
  });

  it.each([10, 0.1])('follows a machine that is %s times slower within a few hundred runs', (factor) => {
    const before = times(300, (i) => [1 + (i % 16), 1 + (i % 16) * 0.2]);
    const estimate = learnt([...before, ...before.map(([rows, ms]): Seen => [rows, ms * factor])]);
    expect((estimate.estimateMs(8) ?? 0) / (2.4 * factor)).toBeCloseTo(1, 1);
  });

  it('keeps the slope when all runs have become alike', () => {
    const varied = times(100, (i) => [1 + (i % 32), 1 + 0.1 * (i % 32)]);
    const estimate = learnt([...varied, ...times(1000, () => [4, 1.3])]);
    expect(estimate.estimateMs(104)).toBeCloseTo(11.3, 1);
  });
});
