/** What a look at a graph says about a run of it, before any. */
export type WorkBound =
  | {
      readonly bounded: true;
      /** Memory that a run takes at most. */
      readonly peakBytes: number;
      /** Multiply-accumulates for each row, and for a run whatever its rows. */
      readonly macsPerRow: number;
      readonly fixedMacs: number;
    }
  | { readonly bounded: false; readonly reason: string };

export type Place = 'loop' | 'process';

export interface Placement {
  readonly place: Place;
  /** In words, for whoever asks why. */
  readonly reason: string;
}

/** What a run on the serving loop may cost. */
export interface LoopLimits {
  readonly runMs: number;
  readonly peakBytes: number;
  /** Multiply-accumulates that this machine is taken to do in a millisecond, until a run was measured. */
  readonly macsPerMs: number;
}

export interface PlacementFacts {
  readonly bound: WorkBound;
  /** Rows of the runs that are to be placed. */
  readonly rows: number;
  /** What a run of so many rows takes as far as measured. */
  readonly estimateMs?: number | undefined;
  /** Whether it has crashed a process or overrun its time before. */
  readonly hasMisbehaved: boolean;
  /** Where it is now, if anywhere. */
  readonly current?: Place | undefined;
  readonly limits: LoopLimits;
}

/** Of the limit: what has been moved away from the loop comes back only well below it. */
const RETURN_SHARE = 0.5;

/**
 * Where a model runs. On the serving loop only what is known to be bounded and short: a failed allocation there takes
 * the whole replica down, and a long run stalls everybody.
 */
export function placementOf(facts: PlacementFacts): Placement {
  const { bound, rows, hasMisbehaved, current, limits } = facts;
  if (hasMisbehaved) return aside('it has crashed or overrun its time before');
  if (!bound.bounded) return aside(`its cost is not bounded by its inputs: ${bound.reason}`);
  if (bound.peakBytes > limits.peakBytes) {
    return aside(`a run may take ${bound.peakBytes} bytes, and ${limits.peakBytes} are allowed on the loop`);
  }
  const reckoned = (bound.fixedMacs + bound.macsPerRow * rows) / limits.macsPerMs;
  const [ms, how] = facts.estimateMs === undefined ? [reckoned, 'reckoned'] : [facts.estimateMs, 'measured'];
  const limitMs = current === 'process' ? limits.runMs * RETURN_SHARE : limits.runMs;
  const cost = `a run of ${rows} rows takes ${ms.toPrecision(3)} ms as ${how}, and ${limitMs} ms are allowed`;
  // Not a number is not short either.
  return ms <= limitMs ? { place: 'loop', reason: `${cost} on the loop` } : aside(`${cost} on the loop`);
}

function aside(reason: string): Placement {
  return { place: 'process', reason };
}
