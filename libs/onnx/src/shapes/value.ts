import { elementBytes, type ElementType } from '../element-types.js';
import { at, fixed, times, UnboundedError, type Size } from './size.js';

/** What is known of a tensor before the run. */
export interface Value {
  readonly type: ElementType;
  readonly dims: readonly Size[];
  /** Of small integers that the run cannot change: shapes, axes. In order. */
  readonly numbers?: readonly Size[];
}

export function valueOf(type: ElementType, dims: readonly Size[], numbers?: readonly Size[]): Value {
  return numbers ? { type, dims, numbers } : { type, dims };
}

export function elements(dims: readonly Size[]): Size {
  return times(...dims);
}

/** Bytes of a value; a text counts as the longest that the model has. What callers send is not the model's doing. */
export function bytesOf({ type, dims }: Value, rows: number, longestText: number): number {
  const bytes = elementBytes(type) + (type === 'string' ? longestText : 0);
  return at(times(elements(dims), fixed(bytes)), rows);
}

/** What no honest tensor goes beyond, and what keeps shapes from growing with every node. */
const MAX_RANK = 64;

/** @throws UnboundedError unless every size can be a size, and all of them can be counted */
export function checkDims(dims: readonly Size[], rows: number): void {
  if (dims.length > MAX_RANK) throw new UnboundedError(`it has more than ${MAX_RANK} dimensions`);
  for (const size of dims) {
    if (!Number.isInteger(size.factor) || size.factor < 0) throw new UnboundedError('a size is no whole number');
  }
  // Zeros hide how large the others are, and a later shape may leave them out.
  const nonZero = dims.filter(({ factor }) => factor !== 0);
  if (!(at(elements(nonZero), rows) <= Number.MAX_SAFE_INTEGER)) {
    throw new UnboundedError('it has more elements than can be counted');
  }
}

/** The axis of a tensor that a number names, from the end where it is negative. @throws UnboundedError */
export function axisOf(axis: number, rank: number): number {
  const index = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(index) || index < 0 || index >= rank) {
    throw new UnboundedError(`axis ${axis} of ${rank} dimensions`);
  }
  return index;
}
