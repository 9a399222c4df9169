import { constant, fixed, ONE, UnboundedError, type Size } from '../shapes/size.js';
import { axisOf, valueOf, type Value } from '../shapes/value.js';
import { type Call, type Rule } from './call.js';

/** From where to where an axis is taken, in steps. */
interface Range {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

const slice: Rule = (call) => {
  const x = call.input(0);
  const ranges = rangesOf(call, x);
  const dims = x.dims.map((size, axis) => {
    const range = ranges.get(axis);
    return range ? taken(size, range) : size;
  });
  return { outputs: [valueOf(x.type, dims, numbersOf(x, ranges))] };
};

function rangesOf(call: Call, x: Value): Map<number, Range> {
  const starts = call.constants('starts', 1) ?? [];
  const ends = call.constants('ends', 2) ?? [];
  const axes = call.constants('axes', 3) ?? starts.map((_, axis) => axis);
  const steps = call.constants('steps', 4) ?? [];
  return new Map(
    axes.map((given, index) => {
      const [start, end] = [starts[index], ends[index]];
      if (start === undefined || end === undefined) throw new UnboundedError('a slice without a start or an end');
      return [axisOf(given, x.dims.length), { start, end, step: steps[index] ?? 1 }];
    }),
  );
}

function taken(size: Size, range: Range): Size {
  const length = constant(size);
  if (length !== undefined) return fixed(positions(length, range).length);
  const { start, end, step } = range;
  // Of an axis that grows: all of it, or some from its beginning that are there with a single row already.
  if (start === 0 && step === 1 && end > Number.MAX_SAFE_INTEGER) return size;
  if (start === 0 && step === 1 && end >= 0 && end <= size.factor) return fixed(end);
  throw new UnboundedError('a part of an axis that depends on the rows');
}

/** As the specification of Slice has it: negative ones count from the end, and what is beyond is cut off. */
function positions(length: number, { start, end, step }: Range): { first: number; length: number } {
  if (step === 0) throw new UnboundedError('steps of nothing');
  const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
  const inside = (position: number, least: number) =>
    Math.min(Math.max(position < 0 ? position + length : position, least), high);
  const first = inside(start, Math.max(low, 0));
  return { first, length: Math.max(0, Math.ceil((inside(end, low) - first) / step)) };
}

function numbersOf(x: Value, ranges: ReadonlyMap<number, Range>): Size[] | undefined {
  const range = ranges.get(0);
  if (!x.numbers || x.dims.length !== 1 || !range) return undefined;
  const { first, length } = positions(x.numbers.length, range);
  return Array.from({ length }, (_, index) => x.numbers?.[first + index * range.step] ?? ONE);
}

export const slices: Readonly<Record<string, Rule>> = { Slice: slice };
