import type { ModelTensor } from '../runtime/tensors.js';

/** A run that somebody waits for. */
export interface WaitingRun {
  readonly inputs: readonly ModelTensor[];
  readonly resolve: (outputs: ModelTensor[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Runs in the order in which they came, each for as long as it may wait. */
export class RunQueue {
  private readonly timers = new Map<WaitingRun, NodeJS.Timeout>();

  /** @param late what to say to a run whose turn did not come in time */
  constructor(
    private readonly timeoutMs: number,
    private readonly late: () => Error,
  ) {}

  get length(): number {
    return this.timers.size;
  }

  push(run: WaitingRun): void {
    const timer = setTimeout(() => {
      this.timers.delete(run);
      run.reject(this.late());
    }, this.timeoutMs);
    this.timers.set(run, timer);
  }

  shift(): WaitingRun | undefined {
    const [first] = this.timers;
    if (!first) return undefined;
    const [run, timer] = first;
    clearTimeout(timer);
    this.timers.delete(run);
    return run;
  }

  rejectAll(error: Error): void {
    for (let run = this.shift(); run; run = this.shift()) run.reject(error);
  }
}
