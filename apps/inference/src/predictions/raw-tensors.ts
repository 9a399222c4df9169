import type { TensorSignature } from '@baton/contracts';
import { elementBytes, elementCount, makeData, type ModelTensor } from '../runtime/tensors.js';
import { invalidField } from './predictions.errors.js';
import { checkedShape } from './tensor-decoding.js';

/**
 * A tensor from raw contents: little-endian elements in row-major order; BYTES elements have a length (u32) each.
 * @throws ServiceError 400 naming the input
 */
export function fromRaw(raw: Buffer, shape: readonly number[], wanted: TensorSignature): ModelTensor {
  const { name, datatype } = wanted;
  const sizes = checkedShape(name, [...shape], wanted.shape);
  const count = elementCount(sizes);
  if (datatype === 'BYTES') return { name, datatype, shape: sizes, data: textsOf(raw, count, name) };
  const bytes = count * elementBytes(datatype);
  if (raw.length !== bytes)
    throw invalidField(name, `its shape needs ${bytes} bytes of raw contents, and there are ${raw.length}`);
  const data = makeData(datatype, count);
  // Copied, since the elements of the message may begin at any byte.
  if (!Array.isArray(data)) raw.copy(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  return { name, datatype, shape: sizes, data };
}

/** Raw contents of a tensor. */
export function toRaw({ data }: ModelTensor): Buffer {
  if (!Array.isArray(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return Buffer.concat(
    data.map((text) => {
      const bytes = Buffer.from(text);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return Buffer.concat([length, bytes]);
    }),
  );
}

function textsOf(raw: Buffer, count: number, name: string): string[] {
  const texts: string[] = [];
  let position = 0;
  while (position + 4 <= raw.length) {
    const end = position + 4 + raw.readUInt32LE(position);
    if (end > raw.length) break;
    texts.push(raw.toString('utf8', position + 4, end));
    position = end;
  }
  if (texts.length === count && position === raw.length) return texts;
  throw invalidField(name, `its raw contents are not ${count} texts with a length each`);
}
