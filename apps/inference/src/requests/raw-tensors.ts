import type { TensorSignature } from '@baton/contracts';
import { isUtf8 } from 'node:buffer';
import { elementBytes, elementCount, makeData, type ModelTensor, type TensorData } from '../runtime/tensors.js';
import { invalidField } from './requests.errors.js';

const LENGTH_BYTES = 4;

/**
 * A tensor from raw contents: little-endian elements in row-major order; BYTES elements have a length (u32) each.
 * @param shape that fits the model
 * @throws ServiceError 400 naming the input
 */
export function fromRaw(raw: Buffer, shape: number[], { name, datatype }: TensorSignature): ModelTensor {
  const count = elementCount(shape);
  if (datatype === 'BYTES') return { name, datatype, shape, data: textsOf(raw, count, name) };
  const bytes = count * elementBytes(datatype);
  if (raw.length !== bytes) {
    throw invalidField(name, `its shape needs ${bytes} bytes of raw contents, and there are ${raw.length}`);
  }
  const data = makeData(datatype, count);
  // Copied, since the elements of the message may begin at any byte.
  if (!Array.isArray(data)) raw.copy(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  refuseBroken(name, data, datatype === 'BOOL');
  return { name, datatype, shape, data };
}

/** Raw contents of a tensor. */
export function toRaw({ data }: ModelTensor): Buffer {
  if (!Array.isArray(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const texts = data.map((text) => Buffer.from(text));
  const raw = Buffer.allocUnsafe(texts.reduce((sum, { length }) => sum + LENGTH_BYTES + length, 0));
  let position = 0;
  for (const text of texts) {
    position = raw.writeUInt32LE(text.length, position);
    position += text.copy(raw, position);
  }
  return raw;
}

/** The same numbers are good as in JSON, which has no others. */
function refuseBroken(name: string, data: TensorData, isBoolean: boolean): void {
  const isGood = (value: number) => (isBoolean ? value <= 1 : Number.isFinite(value));
  if (!isBoolean && !(data instanceof Float32Array || data instanceof Float64Array)) return;
  const numbers = data as Float32Array;
  for (let index = 0; index < numbers.length; index += 1) {
    const value = numbers[index] ?? 0;
    if (!isGood(value)) throw invalidField(`${name}[${index}]`, `${value} is no value of the datatype`);
  }
}

function textsOf(raw: Buffer, count: number, name: string): string[] {
  const texts: string[] = [];
  let position = 0;
  while (position + LENGTH_BYTES <= raw.length) {
    const end = position + LENGTH_BYTES + raw.readUInt32LE(position);
    if (end > raw.length) break;
    const text = raw.subarray(position + LENGTH_BYTES, end);
    if (!isUtf8(text)) throw invalidField(`${name}[${texts.length}]`, 'it is not UTF-8');
    texts.push(text.toString('utf8'));
    position = end;
  }
  if (texts.length === count && position === raw.length) return texts;
  throw invalidField(name, `its raw contents are not ${count} texts with a length each`);
}
