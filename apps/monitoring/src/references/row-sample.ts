/** Cells that a sample of a table may hold: some hundred megabytes at most. */
const MAX_CELLS = 5_000_000;
const MAX_ROWS = 100_000;

/**
 * Keeps all rows of a table, or a uniform sample of a large one (reservoir sampling, Vitter 1985). The same rows give
 * the same sample, so that a profile can be computed again.
 */
export class RowSample {
  readonly rows: string[][] = [];
  private readonly size: number;
  private seen = 0;
  private state = 1;

  constructor(columns: number, maxRows = MAX_ROWS) {
    this.size = Math.max(1, Math.min(maxRows, Math.floor(MAX_CELLS / Math.max(1, columns))));
  }

  add(row: string[]): void {
    this.seen += 1;
    if (this.rows.length < this.size) {
      this.rows.push(row);
      return;
    }
    const place = Math.floor(this.draw() * this.seen);
    if (place < this.size) this.rows[place] = row;
  }

  /** Mulberry32. */
  private draw(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}
