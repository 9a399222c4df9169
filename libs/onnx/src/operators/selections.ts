import { constant, fixed, ONE, plus, times, UnboundedError, type Size } from '../shapes/size.js';
import { broadcast } from '../shapes/broadcasting.js';
import { axisOf, elements, valueOf, type Value } from '../shapes/value.js';
import { known } from './elementwise.js';
import { sameRule, type Call, type Rule } from './call.js';

const concat: Rule = (call) => {
  const parts = call.inputs.map((_, index) => call.input(index));
  const first = call.input(0);
  const axis = axisOf(call.int('axis', 1), first.dims.length);
  const length = parts.map(({ dims }) => dims[axis]).reduce((a, b) => a && b && plus(a, b));
  if (!length) throw new UnboundedError('sizes that cannot be added up');
  // The runtime refuses parts that differ elsewhere; an empty one may differ, and adds nothing.
  const numbers = first.dims.length === 1 ? joined(parts) : undefined;
  return { outputs: [valueOf(first.type, withAxis(largest(parts.map(({ dims }) => dims)), axis, length), numbers)] };
};

function joined(parts: readonly Value[]): Size[] | undefined {
  return parts.every(({ numbers }) => numbers) ? parts.flatMap(({ numbers }) => numbers ?? []) : undefined;
}

function largest(shapes: readonly (readonly Size[])[]): readonly Size[] {
  return shapes.find((dims) => dims.every(({ factor }) => factor !== 0)) ?? shapes[0] ?? [];
}

function withAxis(dims: readonly Size[], axis: number, size: Size): Size[] {
  return dims.map((old, index) => (index === axis ? size : old));
}

const gather: Rule = (call) => {
  const [data, indices] = [call.input(0), call.input(1)];
  const axis = axisOf(call.int('axis', 0), data.dims.length);
  const dims = [...data.dims.slice(0, axis), ...indices.dims, ...data.dims.slice(axis + 1)];
  const isList = data.numbers !== undefined && data.dims.length === 1;
  const numbers = isList && indices.numbers && picked(data.numbers, indices.numbers);
  return { outputs: [valueOf(data.type, dims, numbers || undefined)] };
};

function picked(from: readonly Size[], indices: readonly Size[]): Size[] | undefined {
  return known(
    indices.map((size) => {
      const index = constant(size);
      return index === undefined ? undefined : from[index < 0 ? index + from.length : index];
    }),
  );
}

const gatherElements: Rule = (call) => ({ outputs: [valueOf(call.input(0).type, call.input(1).dims)] });

const gatherNd: Rule = (call) => {
  const [data, indices] = [call.input(0), call.input(1)];
  const depth = constant(indices.dims.at(-1));
  if (depth === undefined) throw new UnboundedError('indices whose depth is not known');
  const rest = data.dims.slice(call.int('batch_dims', 0) + depth);
  return { outputs: [valueOf(data.type, [...indices.dims.slice(0, -1), ...rest])] };
};

const scatter: Rule = (call) => {
  const data = call.input(0);
  return { outputs: [valueOf(data.type, data.dims)], work: plus(elements(data.dims), elements(call.input(2).dims)) };
};

const split: Rule = (call) => {
  const x = call.input(0);
  const axis = axisOf(call.int('axis', 0), x.dims.length);
  const length = x.dims[axis] ?? ONE;
  const sizes = call.constants('split', 1)?.map(fixed) ?? shares(length, call.outputs.length);
  const total = sizes.reduce<Size | undefined>((sum, size) => sum && plus(sum, size), fixed(0));
  if (!total || total.power !== length.power || total.factor !== length.factor) {
    throw new UnboundedError('parts that are not the whole');
  }
  return { outputs: sizes.map((size) => valueOf(x.type, withAxis(x.dims, axis, size))) };
};

/** Equal parts, the last of which may be smaller. */
function shares(length: Size, count: number): Size[] {
  const each = Math.ceil(length.factor / count);
  if (length.power > 0 && each * count !== length.factor) throw new UnboundedError('parts that only some rows fill');
  return Array.from({ length: count }, (_, index) => ({
    factor: Math.max(0, Math.min(each, length.factor - index * each)),
    power: length.power,
  }));
}

const oneHot: Rule = (call) => {
  const [indices, values] = [call.input(0), call.input(2)];
  const depth = call.numbers('depth', 1)?.[0];
  if (!depth) throw new UnboundedError('it has no depth');
  const axis = axisOf(call.int('axis', -1), indices.dims.length + 1);
  return { outputs: [valueOf(values.type, indices.dims.toSpliced(axis, 0, depth))] };
};

const expand: Rule = (call) => {
  const x = call.input(0);
  return { outputs: [valueOf(x.type, broadcast(x.dims, needed(call, 'shape')))] };
};

const tile: Rule = (call) => {
  const x = call.input(0);
  const repeats = needed(call, 'repeats');
  if (repeats.length !== x.dims.length) throw new UnboundedError('repeats for other dimensions');
  return {
    outputs: [
      valueOf(
        x.type,
        x.dims.map((size, axis) => times(size, repeats[axis] ?? ONE)),
      ),
    ],
  };
};

function needed(call: Call, what: string): readonly Size[] {
  const numbers = call.numbers(what, 1);
  if (!numbers) throw new UnboundedError(`it has no ${what}`);
  return numbers;
}

const pad: Rule = (call) => {
  const x = call.input(0);
  const pads = call.constants('pads', 1) ?? [];
  const axes = call.constants('axes', 3) ?? x.dims.map((_, axis) => axis);
  const dims = [...x.dims];
  axes.forEach((given, index) => {
    const axis = axisOf(given, dims.length);
    const added = (pads[index] ?? NaN) + (pads[index + axes.length] ?? NaN);
    const size = plus(dims[axis] ?? ONE, fixed(added));
    if (!size || Number.isNaN(added)) throw new UnboundedError('padding of the rows, or none at all');
    dims[axis] = size;
  });
  return { outputs: [valueOf(x.type, dims)] };
};

export const selections: Readonly<Record<string, Rule>> = {
  Concat: concat,
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherNd,
  ...sameRule('Scatter ScatterElements ScatterND', scatter),
  Split: split,
  OneHot: oneHot,
  Expand: expand,
  Tile: tile,
  Pad: pad,
};
