import { StoppedError } from './handler-call.js';
import type { Stops } from './batch-processor.js';
import { pause } from './pauses.js';

/** So that an error which comes every time doesn't come a thousand times a second. */
const AFTER_ERROR_MS = 1000;

/** One partition's work: one thing at a time, whatever happens to the consumer that fetched it. */
export class PartitionLane {
  private leaving = new AbortController();
  private current: Promise<void> | undefined;

  constructor(
    private readonly stops: Stops,
    private readonly onError: (error: unknown) => void,
  ) {}

  get isBusy(): boolean {
    return this.current !== undefined;
  }

  /** The partition went to somebody else while this was at work: where to go on is theirs to say. */
  get hasLeft(): boolean {
    return this.leaving.signal.aborted;
  }

  /** Never throws; what goes wrong is reported, and the records come again. */
  run(work: (stops: Stops) => Promise<void>): Promise<void> {
    this.leaving = new AbortController();
    const drain = AbortSignal.any([this.stops.drain, this.leaving.signal]);
    this.current = work({ drain, abort: this.stops.abort })
      .catch(async (error: unknown) => {
        if (error instanceof StoppedError) return;
        this.onError(error);
        await pause(AFTER_ERROR_MS, drain);
      })
      .finally(() => {
        this.current = undefined;
      });
    return this.current;
  }

  /** The partition went to somebody else: end between two steps. */
  leave(): void {
    this.leaving.abort();
  }

  async settled(): Promise<void> {
    await this.current;
  }
}
