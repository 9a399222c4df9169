import { describe, expect, it } from 'vitest';
import { describeStats } from './model-statistics.js';
import { ServingStats } from './serving-stats.js';

const route = (deployment: string) => ({ deployment });
const times = { totalMs: 5, queueMs: 1, inputMs: 0.25, runMs: 2, outputMs: 0.5 };

describe('ServingStats', () => {
  it('counts requests, rows, runs and where the time went', () => {
    const stats = new ServingStats().statsOf(route('d'));
    stats.answered(3, times);
    stats.answered(1, times);
    stats.executed(4, 2);
    stats.failed(1.5);
    const said = describeStats('iris', 2, stats);
    expect(said).toMatchObject({
      name: 'iris',
      version: '2',
      inference_count: 4,
      execution_count: 1,
      inference_stats: {
        success: { count: 2, ns: 10e6 },
        fail: { count: 1, ns: 1.5e6 },
        queue: { count: 2, ns: 2e6 },
        compute_input: { count: 2, ns: 0.5e6 },
        compute_infer: { count: 2, ns: 4e6 },
        compute_output: { count: 2, ns: 1e6 },
      },
      batch_stats: [{ batch_size: 4, compute_infer: { count: 1, ns: 2e6 } }],
    });
    expect(Date.now() - said.last_inference).toBeLessThan(10_000);
  });

  it('keeps runs by their rows, in order, and large ones together', () => {
    const stats = new ServingStats().statsOf(route('d'));
    for (const rows of [700, 2, 1, 2, 1000, 512]) stats.executed(rows, 1);
    const sizes = describeStats('iris', 1, stats).batch_stats.map(({ batch_size, compute_infer }) => [
      batch_size,
      compute_infer.count,
    ]);
    expect(sizes).toEqual([
      [1, 1],
      [2, 2],
      [512, 1],
      [1024, 2],
    ]);
  });

  it('goes on with a deployment, and forgets what is gone', () => {
    const all = new ServingStats();
    all.statsOf(route('a')).failed(1);
    all.statsOf(route('b')).failed(1);
    expect(all.statsOf(route('a')).fail.count).toBe(1);
    all.keepOnly(new Set(['b']));
    expect([all.statsOf(route('a')).fail.count, all.statsOf(route('b')).fail.count]).toEqual([0, 1]);
  });
});
