import { Histogram } from './histogram.js';
import type { LoadResult, LoadSpec } from './load-spec.js';

const MAX_PROBLEMS = 5;

/** Counts what comes back. */
export class Tally {
  failed = 0;
  late = 0;
  private readonly latency = new Histogram();
  private readonly refusals = new Histogram();
  private readonly apart: Histogram[];
  private readonly deadlineMs: number;
  private answered = 0;
  private overdue = 0;
  private checked = 0;
  private wrong = 0;
  private readonly problems: string[] = [];

  constructor(private readonly spec: LoadSpec) {
    this.deadlineMs = spec.deadlineMs ?? Infinity;
    this.apart = spec.isApart ? spec.questions.map(() => new Histogram()) : [];
  }

  /** Whether this answer is one of those to look at. */
  get isDue(): boolean {
    return this.answered % this.spec.checkEvery === 0;
  }

  answer(milliseconds: number, question: number): void {
    if (milliseconds > this.deadlineMs) this.overdue += 1;
    else this.answered += 1;
    this.latency.add(milliseconds);
    this.apart[question]?.add(milliseconds);
  }

  /** @param problem what is wrong with an answer that was looked at */
  check(problem: string | undefined): void {
    this.checked += 1;
    if (problem === undefined) return;
    this.wrong += 1;
    this.note(problem);
  }

  refuse(milliseconds: number): void {
    this.refusals.add(milliseconds);
  }

  fail(problem: string): void {
    this.failed += 1;
    this.note(problem);
  }

  /** The warm-up is over. What was wrong in it stays wrong. */
  clear(): void {
    for (const histogram of [this.latency, this.refusals, ...this.apart]) histogram.clear();
    this.answered = this.overdue = this.late = 0;
  }

  result(seconds: number): Omit<LoadResult, 'serverCpu' | 'loadBusy' | 'steal' | 'foreign'> {
    const { answered, overdue, failed, checked, wrong, problems, late } = this;
    return {
      ...{ seconds, answered, overdue, failed, checked, wrong, problems, late },
      perSecond: answered / seconds,
      latency: this.latency.summary(),
      refused: this.refusals.summary(),
      ...(this.apart.length > 0 ? { apart: this.apart.map((histogram) => histogram.summary().p99) } : {}),
    };
  }

  private note(problem: string): void {
    if (this.problems.length < MAX_PROBLEMS) this.problems.push(problem);
  }
}
