import { Estimate } from './estimate.js';
import type { OnnxGraph } from './graph.js';
import { UnboundedError } from './shapes/size.js';

/** What a run needs at most, or why nobody can say. */
export type Bound =
  | {
      readonly bounded: true;
      /** Memory of everything that a run of that many rows makes, as if nothing were freed before the end. */
      readonly peakBytes: number;
      /** Multiply-accumulates, or elements and nodes of trees that are touched, for each row. */
      readonly macsPerRow: number;
      /** The same for what does not depend on the rows. */
      readonly fixedMacs: number;
    }
  | { readonly bounded: false; readonly reason: string };

export interface BoundOptions {
  /** The most rows of a run: the size of the first open dimension of every input. */
  readonly rows: number;
  /** Sizes of the other open dimensions by the name that the file gives them. */
  readonly sizes?: Readonly<Record<string, number>>;
}

/**
 * What a run of a model needs at most, told from its structure by the rules of its operators. An allocation that fails
 * inside the runtime ends the whole process, so a model may run beside others only if its memory is bounded by inputs
 * that have been checked, and its run is short. The bound holds for one to `rows` rows; at no rows at all a shape may
 * mean something else. Texts count as long as the longest of the model: what callers send is for others to limit.
 * What the runtime's allocator keeps in reserve comes on top. Takes time in proportion to the file.
 * @throws WireFormatError where attributes are malformed
 * @throws RangeError for rows that are no positive whole number
 */
export function boundOf(graph: OnnxGraph, { rows, sizes = {} }: BoundOptions): Bound {
  if (!Number.isSafeInteger(rows) || rows < 1) throw new RangeError(`a bound for ${rows} rows`);
  try {
    return { bounded: true, ...new Estimate(graph, rows).needs(sizes) };
  } catch (error) {
    if (error instanceof UnboundedError) return { bounded: false, reason: error.message };
    throw error;
  }
}
