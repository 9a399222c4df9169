import { ONE, times } from '../shapes/size.js';
import { valueOf } from '../shapes/value.js';
import { type Rule } from './call.js';

/** Distances of all rows to all others: nearest neighbours of scikit-learn. */
const distances: Rule = (call) => {
  const [a, b] = [call.input(0), call.input(1)];
  const dims = [a.dims[0] ?? ONE, b.dims[0] ?? ONE];
  return {
    outputs: [valueOf(a.type, dims)],
    work: times(...dims, a.dims[1] ?? ONE),
    scratch: [a, b, valueOf(a.type, dims)],
  };
};

/** Operators of `com.microsoft` that exporters use. */
export const microsoft: Readonly<Record<string, Rule>> = { CDist: distances };
