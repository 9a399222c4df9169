const FIRST_MS = 100;
const LAST_MS = 30_000;
const QUIET_MS = 60_000;

/** How long a process stays down after it has crashed: longer each time, until it has run well for a minute. */
export class RestartBackoff {
  private crashes = 0;
  private lastCrash = 0;

  /** @returns milliseconds to wait before the next start */
  crashed(nowMs: number): number {
    const delay = Math.min(LAST_MS, FIRST_MS * 2 ** this.crashes);
    this.crashes += 1;
    this.lastCrash = nowMs;
    return delay;
  }

  ranWell(nowMs: number): void {
    if (nowMs - this.lastCrash >= QUIET_MS) this.crashes = 0;
  }
}
