import { fixed, isOne, isSame, ONE, over, times, UnboundedError, type Size } from '../shapes/size.js';
import { axisOf, elements, valueOf, type Value } from '../shapes/value.js';
import { known } from './elementwise.js';
import { type Rule } from './call.js';

const reshape: Rule = (call) => {
  const x = call.input(0);
  const wanted = call.numbers('shape', 1);
  if (!wanted) throw new UnboundedError('it has no shape');
  const copiesZeros = call.int('allowzero', 0) === 0;
  const sizes = wanted.map((size, axis) => (copiesZeros && size.factor === 0 ? x.dims[axis] : size));
  const given = known(sizes);
  if (!given) throw new UnboundedError('its shape copies a dimension that is not there');
  return { outputs: [valueOf(x.type, withRest(given, elements(x.dims)), x.numbers)] };
};

/** A size of -1 takes what the others leave. */
function withRest(sizes: readonly Size[], total: Size): Size[] {
  const isRest = (size: Size) => size.power === 0 && size.factor === -1;
  const named = elements(sizes.filter((size) => !isRest(size)));
  if (!sizes.some(isRest)) {
    if (!isSame(named, total)) throw new UnboundedError('a shape of another number of elements');
    return [...sizes];
  }
  const rest = over(total, named);
  if (!rest) throw new UnboundedError('a shape that only some numbers of rows fit');
  return sizes.map((size) => (isRest(size) ? rest : size));
}

const flatten: Rule = (call) => {
  const { type, dims } = call.input(0);
  const given = call.int('axis', 1);
  const axis = given === dims.length ? given : axisOf(given, dims.length);
  return { outputs: [valueOf(type, [elements(dims.slice(0, axis)), elements(dims.slice(axis))])] };
};

const transpose: Rule = (call) => {
  const { type, dims } = call.input(0);
  const order = call.attributes.ints('perm') ?? dims.map((_, axis) => dims.length - 1 - axis);
  if (new Set(order).size !== dims.length) throw new UnboundedError('an order that names not every axis once');
  return {
    outputs: [
      valueOf(
        type,
        order.map((axis) => dims[axisOf(axis, dims.length)] ?? ONE),
      ),
    ],
  };
};

const squeeze: Rule = (call) => {
  const x = call.input(0);
  const axes = call.constants('axes', 1) ?? singles(x);
  const gone = new Set(axes.map((axis) => axisOf(axis, x.dims.length)));
  if ([...gone].some((axis) => !isOne(x.dims[axis] ?? ONE)))
    throw new UnboundedError('an axis that has no single element');
  return {
    outputs: [
      valueOf(
        x.type,
        x.dims.filter((_, axis) => !gone.has(axis)),
        x.numbers,
      ),
    ],
  };
};

function singles({ dims }: Value): number[] {
  if (dims.some(({ factor, power }) => power > 0 && factor === 1)) {
    throw new UnboundedError('it drops the rows when there is a single one: it names no axes');
  }
  return dims.flatMap((size, axis) => (isOne(size) ? [axis] : []));
}

const unsqueeze: Rule = (call) => {
  const x = call.input(0);
  const axes = call.constants('axes', 1) ?? [];
  const rank = x.dims.length + axes.length;
  const added = new Set(axes.map((axis) => axisOf(axis, rank)));
  if (added.size !== axes.length) throw new UnboundedError('an axis that is added twice');
  const rest = x.dims.values();
  const dims = Array.from({ length: rank }, (_, axis) => (added.has(axis) ? ONE : (rest.next().value ?? ONE)));
  return { outputs: [valueOf(x.type, dims, x.numbers)] };
};

const shape: Rule = (call) => {
  const { dims } = call.input(0);
  const numbers = dims.slice(call.int('start', 0), call.attributes.int('end'));
  return { outputs: [valueOf('int64', [fixed(numbers.length)], numbers)] };
};

const size: Rule = (call) => ({ outputs: [valueOf('int64', [], [elements(call.input(0).dims)])] });

const depthToSpace: Rule = (call) => {
  const { type, dims } = call.input(0);
  const block = fixed(call.int('blocksize', 1));
  const [batch = ONE, depth = ONE, height = ONE, width = ONE] = dims;
  const channels = over(depth, times(block, block));
  if (!channels || dims.length !== 4) throw new UnboundedError('blocks that do not fit');
  return { outputs: [valueOf(type, [batch, channels, times(height, block), times(width, block)])] };
};

const spaceToDepth: Rule = (call) => {
  const { type, dims } = call.input(0);
  const block = fixed(call.int('blocksize', 1));
  const [batch = ONE, depth = ONE, ...picture] = dims;
  const [height, width] = picture.map((length) => over(length, block));
  if (!height || !width || dims.length !== 4) throw new UnboundedError('blocks that do not fit');
  return { outputs: [valueOf(type, [batch, times(depth, block, block), height, width])] };
};

export const layouts: Readonly<Record<string, Rule>> = {
  Reshape: reshape,
  Flatten: flatten,
  Transpose: transpose,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Shape: shape,
  Size: size,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
};
