import { createLogger } from '@baton/telemetry';
import { setTimeout as pause } from 'node:timers/promises';

const log = createLogger('registry');
const RETRY_MS = 500;
const TRIES_PER_WARNING = 20;

/** Work that a start owes and that waits for Postgres: tried again until it is done or the service stops. */
export async function untilDone(what: string, work: () => Promise<void>, stopping: AbortSignal): Promise<void> {
  for (let tries = 0; !stopping.aborted; tries += 1) {
    try {
      await work();
      return;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (tries % TRIES_PER_WARNING === 0) log.warn(`${what} must wait`, { reason });
      await pause(RETRY_MS, undefined, { signal: stopping }).catch(() => undefined);
    }
  }
}
