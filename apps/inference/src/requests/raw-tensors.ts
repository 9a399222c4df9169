import type { Datatype, TensorSignature } from '@baton/contracts';
import { isUtf8 } from 'node:buffer';
import { elementBytes, elementCount, type ModelTensor, type TensorData } from '../runtime/tensors.js';
import { MAX_TEXTS, refuseManyElements } from './reading-limits.js';
import { invalidField } from './requests.errors.js';

const LENGTH_BYTES = 4;
/** Larger tensors are not worth a copy. */
const MAX_COPY_BYTES = 64 * 1024;

type NumericData = Exclude<TensorData, string[]>;

interface View {
  new (buffer: ArrayBufferLike, from: number, length: number): NumericData;
  new (length: number): NumericData;
}

const views: Readonly<Record<Exclude<Datatype, 'BYTES'>, View>> = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT64: BigUint64Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  FP16: Uint16Array,
  FP32: Float32Array,
  FP64: Float64Array,
};

/**
 * A tensor from raw contents: little-endian elements in row-major order; BYTES elements have a length (u32) each.
 * Numbers are a view of the contents where these begin at a multiple of the element's size, else a copy. What is no
 * number is let through: models use it for values that are missing.
 * @param shape that fits the model
 * @param takeRoom gives memory for so many rows, into which the values had rather be copied
 * @throws ServiceError 400 naming the input
 */
export function fromRaw(
  raw: Buffer,
  shape: number[],
  { name, datatype }: TensorSignature,
  takeRoom?: (rows: number) => NumericData | undefined,
): ModelTensor {
  const count = elementCount(shape);
  if (datatype === 'BYTES') return { name, datatype, shape, data: textsOf(raw, count, name) };
  const bytes = count * elementBytes(datatype);
  if (raw.length !== bytes) {
    throw invalidField(name, `its shape needs ${bytes} bytes of raw contents, and there are ${raw.length}`);
  }
  if (datatype === 'BOOL') refuseOtherThanTruth(raw, name);
  const room = raw.length > MAX_COPY_BYTES ? undefined : takeRoom?.(shape[0] ?? 1);
  return { name, datatype, shape, data: valuesOf(raw, datatype, room) };
}

/** Raw contents of a tensor. */
export function toRaw({ data }: Pick<ModelTensor, 'data'>): Buffer {
  if (!Array.isArray(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const raw = Buffer.allocUnsafe(data.reduce((sum, text) => sum + LENGTH_BYTES + Buffer.byteLength(text), 0));
  let position = 0;
  for (const text of data) {
    const length = raw.write(text, position + LENGTH_BYTES);
    raw.writeUInt32LE(length, position);
    position += LENGTH_BYTES + length;
  }
  return raw;
}

function valuesOf(raw: Buffer, datatype: Exclude<Datatype, 'BYTES'>, room: NumericData | undefined): NumericData {
  const View = views[datatype];
  const bytes = elementBytes(datatype);
  if (!room && raw.byteOffset % bytes === 0) return new View(raw.buffer, raw.byteOffset, raw.length / bytes);
  const data = room ?? new View(raw.length / bytes);
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength).set(raw);
  return data;
}

function refuseOtherThanTruth(raw: Buffer, name: string): void {
  // A loop is several times faster than `findIndex`, and there may be millions.
  for (let index = 0; index < raw.length; index += 1) {
    const value = raw[index] ?? 0;
    if (value > 1) throw invalidField(`${name}[${index}]`, `${value} is neither 0 nor 1`);
  }
}

function textsOf(raw: Buffer, count: number, name: string): string[] {
  refuseManyElements(name, count, MAX_TEXTS);
  const texts: string[] = [];
  let position = 0;
  while (position + LENGTH_BYTES <= raw.length && texts.length < count) {
    const end = position + LENGTH_BYTES + raw.readUInt32LE(position);
    if (end > raw.length) break;
    texts.push(textOf(raw.subarray(position + LENGTH_BYTES, end), `${name}[${texts.length}]`));
    position = end;
  }
  if (texts.length === count && position === raw.length) return texts;
  throw invalidField(name, `its raw contents are not ${count} texts with a length each`);
}

/** The runtime's strings are UTF-8. @throws ServiceError 400 for other bytes */
export function textOf(bytes: Buffer, field: string): string {
  if (!isUtf8(bytes)) throw invalidField(field, 'it is not UTF-8');
  return bytes.toString();
}
