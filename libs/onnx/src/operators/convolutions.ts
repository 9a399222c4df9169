import { constant, fixed, ONE, times, UnboundedError, type Size } from '../shapes/size.js';
import { elements, valueOf, type Value } from '../shapes/value.js';
import { sameRule, type Call, type Rule } from './call.js';

/** How a window goes over one axis. */
interface Window {
  readonly size: number;
  readonly stride: number;
  readonly dilation: number;
  /** Before the axis begins. */
  readonly before: number;
  /** Before and after together. */
  readonly padding: number;
}

const conv: Rule = (call) => {
  const [x, weights] = [call.input(0), call.input(1)];
  const kernel = weights.dims.slice(2).map((size) => whole(size));
  const spatial = slide(call, x, kernel, covered);
  const dims = [x.dims[0] ?? ONE, weights.dims[0] ?? ONE, ...spatial];
  // A filter sees its group's share of the channels: the second dimension of the weights.
  const perElement = elements(weights.dims.slice(1));
  return {
    outputs: [valueOf(x.type, dims)],
    work: times(elements(dims), perElement),
    scratch: unfolded(x, perElement, spatial),
  };
};

/** The windows of one picture side by side, which some convolutions multiply as a matrix. */
function unfolded(x: Value, perElement: Size, spatial: readonly Size[]): Value[] {
  return [valueOf(x.type, [perElement, ...spatial])];
}

const convTranspose: Rule = (call) => {
  const [x, weights] = [call.input(0), call.input(1)];
  const kernel = weights.dims.slice(2).map((size) => whole(size));
  const extra = call.attributes.ints('output_padding') ?? [];
  const fullSizes = call.attributes.ints('output_shape');
  const isSame = call.attributes.text('auto_pad')?.startsWith('SAME') ?? false;
  const spatial = slide(call, x, kernel, (length, { size, stride, dilation, padding }, axis) => {
    if (fullSizes) return fullSizes[axis] ?? NaN;
    if (isSame) return length * stride;
    return stride * (length - 1) + (extra[axis] ?? 0) + (size - 1) * dilation + 1 - padding;
  });
  const channels = times(weights.dims[1] ?? ONE, fixed(call.int('group', 1)));
  const dims = [x.dims[0] ?? ONE, channels, ...spatial];
  const perElement = elements(weights.dims.slice(1));
  return {
    outputs: [valueOf(x.type, dims)],
    work: times(elements(x.dims), perElement),
    scratch: unfolded(x, perElement, x.dims.slice(2)),
  };
};

const pool: Rule = (call) => {
  const x = call.input(0);
  const rounding = call.int('ceil_mode', 0) === 0 ? covered : coveredToTheEnd;
  const kernel = call.attributes.ints('kernel_shape') ?? [];
  const spatial = slide(call, x, kernel, rounding);
  const dims = [...x.dims.slice(0, 2), ...spatial];
  const work = times(elements(dims), ...kernel.map(fixed));
  return { outputs: [valueOf(x.type, dims), valueOf('int64', dims)], work };
};

const globalPool: Rule = (call) => {
  const x = call.input(0);
  const dims = x.dims.map((size, index) => (index < 2 ? size : ONE));
  return { outputs: [valueOf(x.type, dims)], work: elements(x.dims) };
};

type Slide = (length: number, window: Window, axis: number) => number;

/** The sizes of the axes after batch and channels. @throws UnboundedError */
function slide(call: Call, x: Value, kernel: readonly number[], by: Slide): Size[] {
  const axes = x.dims.slice(2);
  if (axes.length === 0 || kernel.length !== axes.length) throw new UnboundedError('a kernel that does not fit');
  const strides = call.attributes.ints('strides') ?? [];
  const dilations = call.attributes.ints('dilations') ?? [];
  const automatic = call.attributes.text('auto_pad') ?? 'NOTSET';
  const pads = (automatic === 'NOTSET' ? call.attributes.ints('pads') : undefined) ?? [];
  return axes.map((size, axis) => {
    const [stride, dilation] = [strides[axis] ?? 1, dilations[axis] ?? 1];
    const length = whole(size);
    const before = pads[axis] ?? 0;
    const padding = automatic.startsWith('SAME') ? Infinity : before + (pads[axis + axes.length] ?? 0);
    const result = by(length, { size: kernel[axis] ?? 1, stride, dilation, before, padding }, axis);
    const isWhole = Number.isSafeInteger(result) && result >= 0;
    if (stride <= 0 || !isWhole) throw new UnboundedError('a window that does not fit');
    return fixed(result);
  });
}

/** How often a window fits into a length; with padding for the same size, once per stride. */
function covered(length: number, { size, stride, dilation, padding }: Window): number {
  if (padding === Infinity) return Math.ceil(length / stride);
  return Math.floor((length + padding - ((size - 1) * dilation + 1)) / stride) + 1;
}

/** The same with a last window that reaches beyond the end, if it does not begin there. */
function coveredToTheEnd(length: number, window: Window): number {
  const { size, stride, dilation, before, padding } = window;
  if (padding === Infinity) return covered(length, window);
  const windows = Math.ceil((length + padding - ((size - 1) * dilation + 1)) / stride) + 1;
  return (windows - 1) * stride >= length + before ? windows - 1 : windows;
}

function whole(size: Size): number {
  const length = constant(size);
  if (length === undefined) throw new UnboundedError('a window over an axis that depends on the rows');
  return length;
}

export const convolutions: Readonly<Record<string, Rule>> = {
  Conv: conv,
  ConvTranspose: convTranspose,
  ...sameRule('AveragePool LpPool MaxPool', pool),
  ...sameRule('GlobalAveragePool GlobalLpPool GlobalMaxPool', globalPool),
};
