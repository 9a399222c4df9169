import { broadcast } from '../shapes/broadcasting.js';
import { fixed, isSame, ONE, times, UnboundedError, type Size } from '../shapes/size.js';
import { axisOf, elements, valueOf, type Value } from '../shapes/value.js';
import { type Call, type Outcome, type Rule } from './call.js';

const matMul: Rule = (call) => multiplied(call.input(0), call.input(1));

function multiplied(a: Value, b: Value): Outcome {
  if (a.dims.length === 0 || b.dims.length === 0) throw new UnboundedError('a matrix without dimensions');
  const left = a.dims.length === 1 ? [ONE, ...a.dims] : a.dims;
  const right = b.dims.length === 1 ? [...b.dims, ONE] : b.dims;
  const inner = left.at(-1) ?? ONE;
  if (!isSame(inner, right.at(-2) ?? ONE)) throw new UnboundedError('matrices that do not fit each other');
  const batch = broadcast(left.slice(0, -2), right.slice(0, -2));
  const rows = a.dims.length === 1 ? [] : left.slice(-2, -1);
  const columns = b.dims.length === 1 ? [] : right.slice(-1);
  const dims = [...batch, ...rows, ...columns];
  return { outputs: [valueOf(a.type, dims)], work: times(elements(dims), inner) };
}

const gemm: Rule = (call) => {
  const a = matrix(call, 0, call.int('transA', 0) !== 0);
  const b = matrix(call, 1, call.int('transB', 0) !== 0);
  return multiplied(a, b);
};

function matrix(call: Call, index: number, isTransposed: boolean): Value {
  const { type, dims } = call.input(index);
  const [rows, columns] = dims;
  if (dims.length !== 2 || !rows || !columns) throw new UnboundedError('a matrix that has no two dimensions');
  return valueOf(type, isTransposed ? [columns, rows] : [rows, columns]);
}

/** Means and deviations have the shape of what they are of, with ones from the axis on. */
const layerNormalization: Rule = (call) => {
  const x = call.input(0);
  const axis = axisOf(call.int('axis', -1), x.dims.length);
  const reduced = valueOf('float32', [...x.dims.slice(0, axis), ...x.dims.slice(axis).map(() => ONE)]);
  return { outputs: [x, reduced, reduced] };
};

const rmsNormalization: Rule = (call) => ({ outputs: [valueOf(call.input(0).type, call.input(0).dims)] });

/** RNN, GRU and LSTM as the runtime has them: the sequence is the first dimension, the batch the second. */
function recurrent(gates: number): Rule {
  return (call) => {
    const { type, dims } = call.input(0);
    const [sequence, batch, width] = dims;
    if (dims.length !== 3 || !sequence || !batch || !width)
      throw new UnboundedError('a sequence of no three dimensions');
    if (call.int('layout', 0) !== 0) throw new UnboundedError('a batch before the sequence');
    const hidden = fixed(call.int('hidden_size', 0));
    const directions = fixed(call.attributes.text('direction') === 'bidirectional' ? 2 : 1);
    const last = valueOf(type, [directions, batch, hidden]);
    const steps = [sequence, directions, batch, hidden];
    const scratch = [valueOf(type, [...steps, fixed(2 * gates + 4)])];
    return { outputs: [valueOf(type, steps), last, last], work: recurrentWork(steps, gates, [width, hidden]), scratch };
  };
}

function recurrentWork(steps: readonly Size[], gates: number, [width = ONE, hidden = ONE]: readonly Size[]): Size {
  if (width.power !== 0) throw new UnboundedError('a width that depends on the rows');
  return times(...steps, fixed(gates), fixed(width.factor + hidden.factor));
}

export const matrices: Readonly<Record<string, Rule>> = {
  MatMul: matMul,
  Gemm: gemm,
  LayerNormalization: layerNormalization,
  RMSNormalization: rmsNormalization,
  RNN: recurrent(1),
  GRU: recurrent(3),
  LSTM: recurrent(4),
};
