const STEPS_PER_OCTAVE = 48;
const SMALLEST_US = 1;
/** Up to about two minutes. */
const BUCKETS = STEPS_PER_OCTAVE * 27;

/** Times in milliseconds. */
export interface Latencies {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** Times in buckets that are 1.5 % wide: as exact as a noisy machine deserves, and nothing is kept per request. */
export class Histogram {
  private readonly buckets = new Uint32Array(BUCKETS);
  private count = 0;
  private sum = 0;
  private max = 0;

  add(milliseconds: number): void {
    const steps = Math.floor(Math.log2(Math.max(milliseconds * 1000, SMALLEST_US)) * STEPS_PER_OCTAVE);
    const index = Math.min(steps, BUCKETS - 1);
    this.buckets[index] = (this.buckets[index] ?? 0) + 1;
    this.count += 1;
    this.sum += milliseconds;
    if (milliseconds > this.max) this.max = milliseconds;
  }

  clear(): void {
    this.buckets.fill(0);
    this.count = this.sum = this.max = 0;
  }

  summary(): Latencies {
    const mean = this.count === 0 ? 0 : this.sum / this.count;
    const [p50, p90, p99] = [this.quantile(0.5), this.quantile(0.9), this.quantile(0.99)];
    return { count: this.count, mean, p50, p90, p99, max: this.max };
  }

  /** The middle of the bucket in which the quantile lies, in milliseconds. */
  private quantile(share: number): number {
    const wanted = Math.ceil(share * this.count);
    let seen = 0;
    for (const [index, count] of this.buckets.entries()) {
      seen += count;
      if (count > 0 && seen >= wanted) return Math.min(2 ** ((index + 0.5) / STEPS_PER_OCTAVE) / 1000, this.max);
    }
    return 0;
  }
}
