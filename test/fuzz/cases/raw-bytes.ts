type NumberArray = new (length: number) => { readonly buffer: ArrayBufferLike; [index: number]: number };
type WideArray = new (length: number) => { readonly buffer: ArrayBufferLike; [index: number]: bigint };

const arrays: Readonly<Record<string, NumberArray>> = {
  ...{ BOOL: Uint8Array, UINT8: Uint8Array, INT8: Int8Array, UINT16: Uint16Array, INT16: Int16Array },
  ...{ UINT32: Uint32Array, INT32: Int32Array, FP32: Float32Array, FP64: Float64Array, FP16: Uint16Array },
};
const wideArrays: Readonly<Record<string, WideArray>> = { INT64: BigInt64Array, UINT64: BigUint64Array };

/** Raw contents of a tensor of any datatype, whose halves are only bits here. */
export function rawBytes(datatype: string, data: readonly (number | string | boolean)[]): Buffer {
  if (datatype === 'BYTES') return Buffer.concat(data.flatMap((value) => withLength(Buffer.from(String(value)))));
  const Wide = wideArrays[datatype];
  if (Wide) {
    const values = new Wide(data.length);
    data.forEach((value, index) => (values[index] = BigInt(value)));
    return Buffer.from(values.buffer);
  }
  const Narrow = arrays[datatype] ?? Uint8Array;
  const values = new Narrow(data.length);
  data.forEach((value, index) => (values[index] = Number(value)));
  return Buffer.from(values.buffer);
}

function withLength(text: Buffer): Buffer[] {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  return [length, text];
}
