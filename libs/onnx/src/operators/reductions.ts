import { fixed, ONE, times, UnboundedError, type Size } from '../shapes/size.js';
import { axisOf, elements, valueOf, type Value } from '../shapes/value.js';
import { sameRule, type Rule } from './call.js';

const reduce: Rule = (call) => {
  const x = call.input(0);
  const axes = call.constants('axes', 1) ?? [];
  if (axes.length === 0 && call.int('noop_with_empty_axes', 0) !== 0) return { outputs: [valueOf(x.type, x.dims)] };
  const all = axes.length === 0 ? x.dims.map((_, axis) => axis) : axes;
  return { outputs: [reduced(x, all, call.int('keepdims', 1) !== 0)], work: elements(x.dims) };
};

const position: Rule = (call) => {
  const x = call.input(0);
  const { dims } = reduced(x, [call.int('axis', 0)], call.int('keepdims', 1) !== 0);
  return { outputs: [valueOf('int64', dims)], work: elements(x.dims) };
};

function reduced(x: Value, axes: readonly number[], keeps: boolean): Value {
  const gone = new Set(axes.map((axis) => axisOf(axis, x.dims.length)));
  const dims = keeps
    ? x.dims.map((size, axis) => (gone.has(axis) ? ONE : size))
    : x.dims.filter((_, axis) => !gone.has(axis));
  return valueOf(x.type, dims);
}

const topK: Rule = (call) => {
  const x = call.input(0);
  const k = call.attributes.int('k');
  const wanted: Size | undefined = k === undefined ? call.numbers('k', 1)?.[0] : fixed(k);
  if (!wanted) throw new UnboundedError('it does not say how many');
  const dims = [...x.dims];
  dims[axisOf(call.int('axis', -1), x.dims.length)] = wanted;
  // Sorting costs a logarithm more than looking: 64 is beyond what can be counted.
  return { outputs: [valueOf(x.type, dims), valueOf('int64', dims)], work: times(elements(x.dims), fixed(64)) };
};

export const reductions: Readonly<Record<string, Rule>> = {
  ...sameRule(
    'ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare',
    reduce,
  ),
  ...sameRule('ArgMax ArgMin', position),
  TopK: topK,
};
