import { describe, expect, it } from 'vitest';
import { counter, gauge, histogram, renderMetrics } from './metrics.js';

describe('metrics', () => {
  it('are the same when asked for again by name', async () => {
    counter('test_things_total', 'Things', ['kind']).labels('a').inc();
    counter('test_things_total', 'Things', ['kind']).labels('a').inc(2);
    expect((await renderMetrics()).body).toContain('test_things_total{kind="a"} 3');
  });

  it('have their buckets, and those of the process', async () => {
    histogram('test_seconds', 'Time', { labels: ['route'], buckets: [0.1, 1] })
      .labels('/x')
      .observe(0.5);
    const { contentType, body } = await renderMetrics();
    expect(contentType).toContain('text/plain');
    expect(body).toContain('test_seconds_bucket{le="0.1",route="/x"} 0');
    expect(body).toContain('test_seconds_bucket{le="1",route="/x"} 1');
    expect(body).toContain('process_cpu_seconds_total');
  });

  it('ask whoever came last for a number of the moment', async () => {
    gauge('test_pending', 'Waiting', [], function () {
      this.set(1);
    });
    gauge('test_pending', 'Waiting', [], function () {
      this.set(2);
    });
    expect((await renderMetrics()).body).toMatch(/^test_pending 2$/m);
  });

  it('cannot be of two kinds', () => {
    counter('test_kind', 'One kind');
    expect(() => gauge('test_kind', 'Another kind')).toThrow(/test_kind/);
  });
});
