import { setTimeout as pause } from 'node:timers/promises';

/** Nothing that is waited for takes this long, unless the machine is busy with something else. */
export const WAIT_MS = 30_000;

export interface WaitOptions {
  readonly timeoutMs?: number;
  /** What is waited for, for the message when it does not come. */
  readonly what?: string | (() => string);
}

/**
 * Asks again until there is an answer that is not undefined. An error of the probe counts as no answer yet.
 * @throws Error after `timeoutMs`, with the probe's last error as its cause
 */
export async function waitFor<T>(
  probe: () => Promise<T | undefined> | T | undefined,
  options: WaitOptions = {},
): Promise<T> {
  const { timeoutMs = WAIT_MS, what = 'the condition' } = options;
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  for (let wait = 10; ; wait = Math.min(wait * 1.5, 200)) {
    try {
      const found = await probe();
      if (found !== undefined) return found;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) {
      const thing = typeof what === 'string' ? what : what();
      const why = last instanceof Error ? ` (${last.message})` : '';
      throw new Error(`after ${timeoutMs} ms still no ${thing}${why}`, { cause: last });
    }
    await pause(wait);
  }
}
