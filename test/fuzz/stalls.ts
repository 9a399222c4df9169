import type { VitalSigns } from './vital-signs.js';

/** How suspects are looked at, one by one. */
export interface StallSearch<T> {
  readonly maxMs: number;
  readonly send: (suspect: T) => Promise<void>;
  /** The longest wait for the event loop since it was last asked, and the processor time until now. */
  readonly signs: () => Promise<Pick<VitalSigns, 'loopDelayMs' | 'cpuMs'>>;
}

/** So many of a round's largest cases are looked at. */
const MAX_SUSPECTS = 120;
const TIMES = 3;

/** The first suspect that holds the event loop every time it is sent alone; undefined if none does. */
export async function findStall<T>(
  suspects: readonly T[],
  search: StallSearch<T>,
): Promise<{ suspect: T; ms: number } | undefined> {
  let before = await search.signs();
  for (const suspect of suspects.slice(0, MAX_SUSPECTS)) {
    let least = Infinity;
    for (let time = 0; time < TIMES && least > search.maxMs; time += 1) {
      await search.send(suspect);
      const after = await search.signs();
      // On a machine with much to do a process also waits for its turn, which is nobody's fault here.
      least = Math.min(least, after.loopDelayMs, after.cpuMs - before.cpuMs);
      before = after;
    }
    if (least > search.maxMs) return { suspect, ms: least };
  }
  return undefined;
}
