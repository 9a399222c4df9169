import type { Exemplar, HistogramSample } from './metric-family.js';

/** Seconds. A hot path answers within a millisecond, so half of the bounds are below it. */
const BOUNDS: readonly number[] = [
  0.00005, 0.0001, 0.00015, 0.00025, 0.0004, 0.0005, 0.00075, 0.001, 0.0015, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
  0.25, 1, 5, 30,
];
const BOUNDS_MS = Float64Array.from(BOUNDS, (seconds) => seconds * 1000);

/** The trace that an exemplar names. */
export interface TracedRequest {
  readonly isSampled: boolean;
  readonly traceId: string;
}

/** Durations by bucket, with the last sampled request of each. Costs nanoseconds; the rest is done at a scrape. */
export class LatencyHistogram {
  private readonly buckets = new Float64Array(BOUNDS.length + 1);
  private readonly traces: (TracedRequest | undefined)[] = new Array<undefined>(BOUNDS.length + 1).fill(undefined);
  private readonly tracedMs = new Float64Array(BOUNDS.length + 1);
  private readonly tracedAt = new Float64Array(BOUNDS.length + 1);
  private sumMs = 0;
  private observed = 0;

  /** @param endedAt milliseconds since the epoch, for whoever knows it already */
  observe(ms: number, trace?: TracedRequest, endedAt?: number): void {
    const bucket = bucketOf(ms);
    this.buckets[bucket] = (this.buckets[bucket] ?? 0) + 1;
    this.sumMs += ms;
    this.observed += 1;
    if (trace === undefined || !trace.isSampled) return;
    this.traces[bucket] = trace;
    this.tracedMs[bucket] = ms;
    this.tracedAt[bucket] = endedAt ?? Date.now();
  }

  get count(): number {
    return this.observed;
  }

  /** In seconds, for a family whose name ends with `_seconds`. */
  sample(labels: HistogramSample['labels'] = {}): HistogramSample {
    return {
      labels,
      bounds: BOUNDS,
      buckets: this.buckets,
      sum: this.sumMs / 1000,
      count: this.observed,
      exemplars: this.traces.map((trace, bucket) => this.exemplar(trace, bucket)),
    };
  }

  private exemplar(trace: TracedRequest | undefined, bucket: number): Exemplar | undefined {
    if (!trace) return undefined;
    return {
      labels: { trace_id: trace.traceId },
      value: (this.tracedMs[bucket] ?? 0) / 1000,
      timestampSeconds: Math.round(this.tracedAt[bucket] ?? 0) / 1000,
    };
  }
}

function bucketOf(ms: number): number {
  let bucket = 0;
  while (bucket < BOUNDS_MS.length && ms > (BOUNDS_MS[bucket] ?? Infinity)) bucket++;
  return bucket;
}
