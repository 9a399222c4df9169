/** What the pace keeps of itself with each run: about the last twenty count. */
const KEPT = 0.95;

/**
 * The rows that wait or run, and how long they will take. The pace is that of the clock, between the end of one run and
 * the end of the next while somebody always waits: so it has everything in it that the process does besides.
 */
export class Backlog {
  /** That wait, without those that run. */
  requests = 0;
  private rows = 0;
  private recent = { ms: 0, rows: 0 };
  private markedAt = 0;

  constructor(
    /** Milliseconds that a run of so many rows is expected to take, as long as there is no pace. */
    private readonly estimateMs: (rows: number) => number,
  ) {}

  came(rows: number): void {
    this.requests += 1;
    this.rows += rows;
  }

  /** They are answered, or not waited for any more. */
  went(rows: number): void {
    this.rows -= rows;
  }

  /** Somebody has come, and nobody was there. */
  begin(now: number): void {
    this.markedAt = now;
  }

  ran(rows: number, now: number): void {
    this.recent = { ms: KEPT * this.recent.ms + now - this.markedAt, rows: KEPT * this.recent.rows + rows };
    this.markedAt = now;
  }

  /** Milliseconds until who comes with so many rows now would have an answer. */
  waitMs(rows: number): number {
    const all = this.rows + rows;
    const paced = this.recent.rows > 0 ? (all * this.recent.ms) / this.recent.rows : 0;
    return Math.max(paced, this.estimateMs(all));
  }
}
