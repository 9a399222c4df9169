import type { BenchContext } from './bench-context.js';
import type { Trial } from './measure/compare.js';

/** A line of the table. */
export interface Row {
  readonly id: string;
  readonly what: string;
  readonly baton: string;
  /** What it is compared with. */
  readonly peer: string;
  /** Median, and the smallest and largest of the rounds. */
  readonly ratio: string;
  readonly goal: string;
  /** Absent where there is no goal. */
  readonly isReached?: boolean;
  /** What to profile when the goal is missed. */
  readonly suspect?: Trial;
}

/** One goal of `performance.md`, or a few that belong together. */
export interface BenchCase {
  readonly id: string;
  readonly title: string;
  run(context: BenchContext): Promise<Row[]>;
}
