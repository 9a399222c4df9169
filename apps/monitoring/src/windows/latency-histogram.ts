/** Neighbouring bins differ by 2 %, so that a bin's middle is within 1 % of each value in it (as in DDSketch, 2019). */
const RELATIVE_ERROR = 0.01;
const GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR);
const LOG_GAMMA = Math.log(GAMMA);
/** Milliseconds; nothing faster is told apart. */
const LEAST_MS = 0.001;

/** Counts by bin: bin i holds the latencies in (γ^(i−1), γ^i] milliseconds. Sparse, so that it is small as JSON. */
export type LatencyHistogram = Record<string, number>;

/** Adds one latency in milliseconds; changes the histogram. */
export function addLatency(histogram: LatencyHistogram, latencyMs: number): void {
  const bin = String(Math.ceil(Math.log(Math.max(latencyMs, LEAST_MS)) / LOG_GAMMA));
  histogram[bin] = (histogram[bin] ?? 0) + 1;
}

export function mergeLatencies(a: LatencyHistogram, b: LatencyHistogram): LatencyHistogram {
  const merged = { ...a };
  for (const [bin, count] of Object.entries(b)) merged[bin] = (merged[bin] ?? 0) + count;
  return merged;
}

/** The latency in milliseconds below which the share of requests lies; undefined when there were none. */
export function latencyQuantile(histogram: LatencyHistogram, share: number): number | undefined {
  const bins = Object.entries(histogram)
    .map(([bin, count]) => ({ bin: Number(bin), count }))
    .sort((a, b) => a.bin - b.bin);
  const total = bins.reduce((sum, { count }) => sum + count, 0);
  const rank = Math.max(1, Math.ceil(share * total));
  let seen = 0;
  const hit = bins.find(({ count }) => (seen += count) >= rank);
  return hit && (2 * GAMMA ** hit.bin) / (GAMMA + 1);
}
