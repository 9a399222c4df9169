/** Weight that an observation keeps with each one after it: about the last fifty count. */
const KEPT = 0.98;
/** Times the usual deviation that count in full (Huber's weights). */
const USUAL = 3;
/** What the usual deviation keeps of itself, and how far beyond the usual one observation can push it. */
const SPREAD_KEPT = 0.95;
const SPREAD_PUSH = 1.5;
/** A deviation is never taken to be less than this share: clocks and caches do that much. */
const LEAST_SPREAD = 0.02;
/** Share of the mean by which rows must vary before a slope is believed. */
const VARIETY = 0.1;
/** A first run this many times slower than a second one of no fewer rows was the runtime's warming up. */
const WARM_UP = 4;
const LEAST_MS = 0.001;

/**
 * How long a run of n rows takes, a·n + b, learnt from the runs of a model: least squares of the relative errors, with
 * forgetting; a run that is far from what is usual counts for little, until that becomes usual. Neither a nor b is ever
 * negative.
 */
export class LatencyEstimate {
  private sums = { weight: 0, rows: 0, rowsSquared: 0, ms: 0, product: 0 };
  private count = 0;
  /** The usual deviation, as a share of what was expected; before anything is known, large. */
  private spread = 1;
  private usualRows = 0;
  /** Milliseconds a row; undefined until runs of different sizes have been seen. */
  private perRow: number | undefined;
  private fixed = 0;

  observe(rows: number, ms: number): void {
    if (!(rows > 0) || !(ms >= 0) || !Number.isFinite(rows + ms)) return;
    if (this.count === 1 && rows >= this.meanRows && ms * WARM_UP < this.meanMs) this.forget();
    const expected = Math.max(this.estimateMs(rows) ?? ms, LEAST_MS);
    this.usualRows = this.count === 0 ? rows : KEPT * this.usualRows + (1 - KEPT) * rows;
    // In proportion to a usual run: else what was seen before a machine became slow would count for more than what is.
    const precision = (Math.max(this.estimateMs(this.usualRows) ?? ms, LEAST_MS) / expected) ** 2;
    this.add(rows, ms, this.trust(Math.abs(ms - expected) / expected) * precision);
    this.fit();
  }

  /** Undefined before the first run. Where only one size was seen, more rows are taken to cost in proportion. */
  estimateMs(rows: number): number | undefined {
    if (this.count === 0) return undefined;
    if (this.perRow === undefined) return this.meanMs * Math.max(1, rows / this.meanRows);
    return this.perRow * rows + this.fixed;
  }

  private get meanRows(): number {
    return this.sums.rows / this.sums.weight;
  }

  private get meanMs(): number {
    return this.sums.ms / this.sums.weight;
  }

  private forget(): void {
    this.sums = { weight: 0, rows: 0, rowsSquared: 0, ms: 0, product: 0 };
    this.count = 0;
  }

  private trust(deviation: number): number {
    this.count += 1;
    const limit = USUAL * Math.max(this.spread, LEAST_SPREAD);
    this.spread = SPREAD_KEPT * this.spread + (1 - SPREAD_KEPT) * Math.min(deviation, SPREAD_PUSH * limit);
    return Math.min(1, limit / deviation);
  }

  private add(rows: number, ms: number, weight: number): void {
    const { sums } = this;
    this.sums = {
      weight: KEPT * sums.weight + weight,
      rows: KEPT * sums.rows + weight * rows,
      rowsSquared: KEPT * sums.rowsSquared + weight * rows * rows,
      ms: KEPT * sums.ms + weight * ms,
      product: KEPT * sums.product + weight * rows * ms,
    };
  }

  private fit(): void {
    const { meanRows, meanMs, sums } = this;
    const variance = sums.rowsSquared / sums.weight - meanRows ** 2;
    if (variance > (VARIETY * meanRows) ** 2) {
      this.perRow = Math.max(0, (sums.product / sums.weight - meanRows * meanMs) / variance);
    }
    if (this.perRow === undefined) return;
    this.fixed = meanMs - this.perRow * meanRows;
    if (this.fixed >= 0) return;
    this.fixed = 0;
    this.perRow = sums.product / sums.rowsSquared;
  }
}
