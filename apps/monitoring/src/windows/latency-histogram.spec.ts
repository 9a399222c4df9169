import { describe, expect, it } from 'vitest';
import { addLatency, latencyQuantile, mergeLatencies, type LatencyHistogram } from './latency-histogram.js';

function histogramOf(latencies: readonly number[]): LatencyHistogram {
  const histogram: LatencyHistogram = {};
  for (const latency of latencies) addLatency(histogram, latency);
  return histogram;
}

const latencies = Array.from({ length: 1000 }, (_, index) => 0.05 * 1.01 ** ((index * 7919) % 1009));

describe('latency histogram', () => {
  it.each([0.01, 0.5, 0.9, 0.99, 1])('knows the quantile %f within 1 %', (share) => {
    const exact = [...latencies].sort((a, b) => a - b)[Math.ceil(share * latencies.length) - 1] ?? 0;
    const found = latencyQuantile(histogramOf(latencies), share) ?? 0;

    expect(Math.abs(found / exact - 1)).toBeLessThanOrEqual(0.01 + 1e-9);
  });

  it.each([0, 1, 500, 1000])('merges the two halves of a stream cut at %i into that of the whole', (at) => {
    const merged = mergeLatencies(histogramOf(latencies.slice(0, at)), histogramOf(latencies.slice(at)));

    expect(merged).toEqual(histogramOf(latencies));
  });

  it('says nothing of no requests, and takes no time for the least it can tell', () => {
    expect(latencyQuantile({}, 0.5)).toBeUndefined();
    expect(latencyQuantile(histogramOf([0]), 0.5)).toBeCloseTo(0.001, 4);
  });
});
