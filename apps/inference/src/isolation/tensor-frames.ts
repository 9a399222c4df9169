// Read by the child program too, which Node runs from sources as well: erasable syntax only.
import type { Datatype } from '@baton/contracts';
import type { ModelTensor, TensorData } from '../runtime/tensors.js';
import { FrameError, paddingOf } from './frames.ts';

type ArrayType = {
  new (buffer: ArrayBufferLike, offset: number, length: number): Exclude<TensorData, string[]>;
  readonly BYTES_PER_ELEMENT: number;
};

/** A datatype's number in frames is its place here. */
const layouts: readonly { readonly datatype: Datatype; readonly array?: ArrayType }[] = [
  { datatype: 'BOOL', array: Uint8Array },
  { datatype: 'UINT8', array: Uint8Array },
  { datatype: 'UINT16', array: Uint16Array },
  { datatype: 'UINT32', array: Uint32Array },
  { datatype: 'UINT64', array: BigUint64Array },
  { datatype: 'INT8', array: Int8Array },
  { datatype: 'INT16', array: Int16Array },
  { datatype: 'INT32', array: Int32Array },
  { datatype: 'INT64', array: BigInt64Array },
  { datatype: 'FP16', array: Uint16Array },
  { datatype: 'FP32', array: Float32Array },
  { datatype: 'FP64', array: Float64Array },
  { datatype: 'BYTES' },
];
const codes = new Map(layouts.map(({ datatype }, code) => [datatype, code]));

const HEAD_BYTES = 8;
const SIZE_BYTES = 8;
const LENGTH_BYTES = 4;
const MAX_RANK = 255;
const utf8 = new TextDecoder();

/**
 * Tensors as pieces of a frame's body: for each u8 datatype, u8 rank, u16 nothing, u32 bytes of its values; its sizes
 * as f64; its values, padded. Text is u32 length + UTF-8 an element. Numbers are given as views: they must stay as
 * they are until the frame is written.
 */
export function encodeTensors(tensors: readonly Omit<ModelTensor, 'name'>[]): Uint8Array[] {
  return tensors.flatMap(({ datatype, shape, data }) => {
    const values = Array.isArray(data) ? encodeTexts(data) : viewOf(data);
    const head = new Uint8Array(HEAD_BYTES + SIZE_BYTES * shape.length);
    const view = new DataView(head.buffer);
    const code = codes.get(datatype);
    if (code === undefined || shape.length > MAX_RANK) throw new FrameError(`no tensor of ${datatype} travels so`);
    view.setUint8(0, code);
    view.setUint8(1, shape.length);
    view.setUint32(4, values.byteLength, true);
    shape.forEach((size, index) => view.setFloat64(HEAD_BYTES + SIZE_BYTES * index, size, true));
    const padding = paddingOf(values.byteLength);
    return padding > 0 ? [head, values, new Uint8Array(padding)] : [head, values];
  });
}

/**
 * The tensors of a frame's body, which are called `names` in this order; numbers are views of the body.
 * @throws FrameError for anything but such a body
 */
export function decodeTensors(body: Uint8Array, names: readonly string[]): ModelTensor[] {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  let at = 0;
  const take = (bytes: number): number => {
    const start = at;
    at += bytes;
    if (at > body.byteLength) throw new FrameError('a tensor ends beyond its frame');
    return start;
  };
  const tensors = names.map((name): ModelTensor => {
    const head = take(HEAD_BYTES);
    const layout = layouts[view.getUint8(head)];
    if (!layout) throw new FrameError('a tensor of no datatype');
    const sizes = take(SIZE_BYTES * view.getUint8(head + 1));
    const shape = Array.from({ length: (at - sizes) / SIZE_BYTES }, (_, index) => sizeAt(view, sizes, index));
    const count = shape.reduce((product, size) => product * size, 1);
    const bytes = view.getUint32(head + 4, true);
    const values = take(bytes);
    take(paddingOf(bytes));
    const { datatype, array } = layout;
    if (!array) return { name, datatype, shape, data: decodeTexts(body.subarray(values, values + bytes), count) };
    if (count * array.BYTES_PER_ELEMENT !== bytes) throw new FrameError('a tensor whose values do not fill its shape');
    return { name, datatype, shape, data: new array(body.buffer, body.byteOffset + values, count) };
  });
  if (at !== body.byteLength) throw new FrameError('a frame with more than its tensors');
  return tensors;
}

function sizeAt(view: DataView, start: number, index: number): number {
  const size = view.getFloat64(start + SIZE_BYTES * index, true);
  if (!Number.isSafeInteger(size) || size < 0) throw new FrameError('a tensor of no size');
  return size;
}

function viewOf(data: Exclude<TensorData, string[]>): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function encodeTexts(texts: readonly string[]): Uint8Array {
  const all = Buffer.allocUnsafe(texts.reduce((sum, text) => sum + LENGTH_BYTES + Buffer.byteLength(text), 0));
  let at = 0;
  for (const text of texts) {
    const bytes = all.write(text, at + LENGTH_BYTES);
    at = all.writeUInt32LE(bytes, at) + bytes;
  }
  return all;
}

function decodeTexts(bytes: Uint8Array, count: number): string[] {
  if (count * LENGTH_BYTES > bytes.byteLength) throw new FrameError('fewer texts than its shape has');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const texts = Array.from({ length: count }, () => {
    if (at + LENGTH_BYTES > bytes.byteLength) throw new FrameError('a text ends beyond its tensor');
    const start = at + LENGTH_BYTES;
    at = start + view.getUint32(at, true);
    if (at > bytes.byteLength) throw new FrameError('a text ends beyond its tensor');
    return utf8.decode(bytes.subarray(start, at));
  });
  if (at !== bytes.byteLength) throw new FrameError('more texts than its shape has');
  return texts;
}
