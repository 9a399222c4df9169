import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds before the next try: doubling from the first pause up to a limit. `tries` counts from 1. */
export function pauseMs(tries: number, firstMs: number, limitMs: number): number {
  return Math.min(firstMs * 2 ** Math.min(tries - 1, 30), limitMs);
}

/** Waits, or less when the signal says stop; never throws. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}

/** The work's outcome, or the signal's reason as soon as it says stop; the work itself then goes on unheard. */
export async function untilStopped<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  work.catch(() => undefined);
  signal.throwIfAborted();
  const stopped = Promise.withResolvers<never>();
  const onAbort = () => {
    stopped.reject(signal.reason as Error);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, stopped.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
