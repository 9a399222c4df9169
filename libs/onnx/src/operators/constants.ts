import { constant, fixed, UnboundedError, type Size } from '../shapes/size.js';
import { valueOf, type Value } from '../shapes/value.js';
import { MAX_SHAPE_VALUES, type OnnxTensor } from '../tensors.js';
import { type Rule } from './call.js';

export function constantValue({ name, type, dims, values }: OnnxTensor): Value {
  if (!type) throw new UnboundedError(`the constant "${name}" has a type that is not known`);
  return valueOf(type, dims.map(fixed), values?.map(fixed));
}

const constantRule: Rule = ({ attributes }) => {
  const tensor = attributes.tensor('value');
  if (tensor) return { outputs: [constantValue(tensor)] };
  const list = attributes.ints('value_ints');
  if (list) return { outputs: [valueOf('int64', [fixed(list.length)], shortList(list))] };
  const number = attributes.int('value_int');
  if (number !== undefined) return { outputs: [valueOf('int64', [], [fixed(number)])] };
  if (attributes.has('value_float')) return { outputs: [valueOf('float32', [])] };
  if (attributes.has('value_string')) return { outputs: [valueOf('string', [])] };
  const type = attributes.has('value_floats') ? 'float32' : 'string';
  const length = attributes.count(type === 'float32' ? 'value_floats' : 'value_strings');
  if (length === 0) throw new UnboundedError('a constant of another kind');
  return { outputs: [valueOf(type, [fixed(length)])] };
};

function shortList(list: readonly number[]): Size[] | undefined {
  return list.length <= MAX_SHAPE_VALUES ? list.map(fixed) : undefined;
}

/** Its memory is as large as the shape says, however small the file is. */
const constantOfShape: Rule = (call) => {
  const wanted = call.input(0);
  const dims = wanted.numbers ?? emptyShape(wanted);
  const value = call.attributes.tensor('value');
  const count = dims.length === 1 ? constant(dims[0]) : undefined;
  const number = value?.values?.[0];
  const isShort = count !== undefined && count >= 0 && count <= MAX_SHAPE_VALUES;
  const numbers = isShort && number !== undefined ? Array.from({ length: count }, () => fixed(number)) : undefined;
  return { outputs: [valueOf(value ? constantValue(value).type : 'float32', dims, numbers)] };
};

function emptyShape(wanted: Value): Size[] {
  if (constant(wanted.dims[0]) !== 0) throw new UnboundedError('only a run shows its shape');
  return [];
}

const range: Rule = (call) => {
  const [start, limit, delta] = [0, 1, 2].map((index) => call.input(index).numbers?.[0]);
  const [first, step] = [constant(start), constant(delta)];
  if (first === undefined || !limit || !step) throw new UnboundedError('only a run shows how long it is');
  const end = constant(limit);
  // From zero by ones it is as long as its end, which may be the rows.
  if (end === undefined && (first !== 0 || step !== 1)) throw new UnboundedError('its length depends on the rows');
  const length = end === undefined ? limit : fixed(Math.max(0, Math.ceil((end - first) / step)));
  const count = constant(length) ?? Infinity;
  const numbers =
    count <= MAX_SHAPE_VALUES ? Array.from({ length: count }, (_, i) => fixed(first + i * step)) : undefined;
  return { outputs: [valueOf(call.input(0).type, [length], numbers)] };
};

/** Where the sizes are given; scales are floating point numbers, which are not read. */
const resize: Rule = (call) => {
  const x = call.input(0);
  const sizes = call.inputs[3] && call.numbers('sizes', 3);
  const isPlain = !call.attributes.has('axes') && !call.attributes.has('keep_aspect_ratio_policy');
  if (sizes?.length !== x.dims.length || !isPlain) {
    throw new UnboundedError('it says no sizes, but scales');
  }
  return { outputs: [valueOf(x.type, sizes)] };
};

export const constants: Readonly<Record<string, Rule>> = {
  Constant: constantRule,
  ConstantOfShape: constantOfShape,
  Range: range,
  Resize: resize,
};
