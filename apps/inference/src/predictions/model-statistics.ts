import type { Span, VersionStats } from './serving-stats.js';

const NOTHING: Span = { count: 0, ns: 0 };

/** The statistics of a version as Triton's extension has them, the same over REST and gRPC. */
export function describeStats(name: string, version: number, stats: VersionStats) {
  const { lastInference, inferenceCount, executionCount, success, fail, queue, input, run, output } = stats;
  return {
    name,
    version: String(version),
    last_inference: lastInference,
    inference_count: inferenceCount,
    execution_count: executionCount,
    inference_stats: {
      success: toSpan(success),
      fail: toSpan(fail),
      queue: toSpan(queue),
      compute_input: toSpan(input),
      compute_infer: toSpan(run),
      compute_output: toSpan(output),
      cache_hit: NOTHING,
      cache_miss: NOTHING,
    },
    batch_stats: [...stats.batches]
      .sort(([a], [b]) => a - b)
      .map(([size, batch]) => ({
        batch_size: size,
        // Requests are read and answered one by one: of a batch only the run is one thing.
        compute_input: { count: batch.count, ns: 0 },
        compute_infer: toSpan(batch),
        compute_output: { count: batch.count, ns: 0 },
      })),
  };
}

function toSpan({ count, ns }: Span): Span {
  return { count, ns: Math.round(ns) };
}
