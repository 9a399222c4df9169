interface Range {
  readonly first: number;
  readonly last: number;
}

/** Sequences whose records are lost and counted, so that no reader counts them again. */
export class KnownLosses {
  private ranges: Range[] = [];

  add(first: number, count: number): void {
    const before = this.ranges.at(-1);
    if (before?.last === first - 1) this.ranges[this.ranges.length - 1] = { ...before, last: first + count - 1 };
    else if (count > 0) this.ranges.push({ first, last: first + count - 1 });
  }

  /** How many of the sequences are known to be lost. */
  within(first: number, last: number): number {
    const overlaps = this.ranges.map((range) => Math.min(range.last, last) - Math.max(range.first, first) + 1);
    return overlaps.reduce((sum, overlap) => sum + Math.max(0, overlap), 0);
  }

  /** Nobody will ask for these any more. */
  forget(through: number): void {
    if (this.ranges.length > 0) this.ranges = this.ranges.filter(({ last }) => last > through);
  }
}
