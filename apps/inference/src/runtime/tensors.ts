import type { Datatype, TensorSignature } from '@baton/contracts';
import { halfToNumber } from '../requests/half.js';
import type { Tensor } from 'onnxruntime-node';

/** Values of a tensor in memory, row-major. */
export type TensorData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | string[];

/** A tensor on its way to or from a model. */
export interface ModelTensor extends TensorSignature {
  readonly data: TensorData;
}

interface Kind {
  /** The runtime's word. */
  readonly type: Tensor.Type;
  readonly make: (length: number) => TensorData;
  /** Bytes of an element in raw contents; 0 for strings. */
  readonly bytes: number;
}

const kinds: Readonly<Record<Datatype, Kind>> = {
  BOOL: { type: 'bool', make: (n) => new Uint8Array(n), bytes: 1 },
  UINT8: { type: 'uint8', make: (n) => new Uint8Array(n), bytes: 1 },
  UINT16: { type: 'uint16', make: (n) => new Uint16Array(n), bytes: 2 },
  UINT32: { type: 'uint32', make: (n) => new Uint32Array(n), bytes: 4 },
  UINT64: { type: 'uint64', make: (n) => new BigUint64Array(n), bytes: 8 },
  INT8: { type: 'int8', make: (n) => new Int8Array(n), bytes: 1 },
  INT16: { type: 'int16', make: (n) => new Int16Array(n), bytes: 2 },
  INT32: { type: 'int32', make: (n) => new Int32Array(n), bytes: 4 },
  INT64: { type: 'int64', make: (n) => new BigInt64Array(n), bytes: 8 },
  FP16: { type: 'float16', make: (n) => new Uint16Array(n), bytes: 2 },
  FP32: { type: 'float32', make: (n) => new Float32Array(n), bytes: 4 },
  FP64: { type: 'float64', make: (n) => new Float64Array(n), bytes: 8 },
  BYTES: { type: 'string', make: (n) => new Array<string>(n).fill(''), bytes: 0 },
};

const datatypesByType = new Map((Object.keys(kinds) as Datatype[]).map((one) => [kinds[one].type, one]));

export function makeData(datatype: Datatype, length: number): TensorData {
  return kinds[datatype].make(length);
}

/** Bytes of one element; 0 for BYTES, whose elements have a length each. */
export function elementBytes(datatype: Datatype): number {
  return kinds[datatype].bytes;
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** The runtime's word for a datatype. */
export function runtimeType(datatype: Datatype): Tensor.Type {
  return kinds[datatype].type;
}

/** Undefined for a type that the Open Inference Protocol does not know. */
export function datatypeOf(type: Tensor.Type): Datatype | undefined {
  return datatypesByType.get(type);
}

/** @throws Error for a type that no inference protocol knows; admission lets none in */
export function fromRuntime(name: string, tensor: Tensor): ModelTensor {
  const datatype = datatypeOf(tensor.type);
  if (!datatype) throw new Error(`the output ${name} has the type ${tensor.type}`);
  const { data } = tensor;
  // As bits: half-precision arrays are too new to be everywhere.
  const isHalf = datatype === 'FP16' && ArrayBuffer.isView(data) && !(data instanceof Uint16Array);
  const bits = isHalf ? new Uint16Array(data.buffer, data.byteOffset, data.length) : data;
  return { name, datatype, shape: tensor.dims as number[], data: bits };
}

/** Joins tensors of one input along their first dimension. */
export function concatenate(tensors: readonly ModelTensor[]): ModelTensor {
  const [first] = tensors;
  if (!first) throw new RangeError('nothing to join');
  if (tensors.length === 1) return first;
  const rows = tensors.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0);
  const shape = [rows, ...first.shape.slice(1)];
  return { ...first, shape, data: joinData(first.datatype, elementCount(shape), tensors) };
}

function joinData(datatype: Datatype, length: number, tensors: readonly ModelTensor[]): TensorData {
  const all = makeData(datatype, length);
  let position = 0;
  for (const { data } of tensors) {
    if (Array.isArray(all)) for (const [index, value] of (data as string[]).entries()) all[position + index] = value;
    else all.set(data as never, position);
    position += data.length;
  }
  return all;
}

/** Rows `from` to `to` of a tensor, without a copy where its values are numbers. */
export function slice(tensor: ModelTensor, from: number, to: number): ModelTensor {
  const perRow = elementCount(tensor.shape.slice(1));
  const [first, last] = [from * perRow, to * perRow];
  const data = Array.isArray(tensor.data) ? tensor.data.slice(first, last) : tensor.data.subarray(first, last);
  return { ...tensor, shape: [to - from, ...tensor.shape.slice(1)], data };
}

/** Values as JSON carries them: 64-bit integers beyond 2^53 as text, what is no number as null. */
export function toJson({
  datatype,
  data,
}: Pick<ModelTensor, 'datatype' | 'data'>): (number | string | boolean | null)[] {
  if (Array.isArray(data)) return data;
  if (datatype === 'BOOL') return Array.from(data as Uint8Array, (value) => value !== 0);
  if (datatype === 'FP16') return finite(Array.from(data as Uint16Array, halfToNumber));
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    return Array.from<bigint, number | string>(data, (value) => {
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : value.toString();
    });
  }
  return finite(Array.from<number>(data));
}

function finite(values: readonly number[]): (number | null)[] {
  return values.map((value) => (Number.isFinite(value) ? value : null));
}

/** With values of its own, for who needs them beyond the run. */
export function copyOf(tensor: ModelTensor): ModelTensor {
  return { ...tensor, data: tensor.data.slice() };
}
