import type { TensorData } from '../runtime/tensors.js';

const FIRST_BYTES = 64 * 1024;
/** Beyond this the memory is given back after use. */
const KEPT_BYTES = 2 * 1024 * 1024;
const SHORT_TEXT = 64;
const MAX_ASCII = 0x7f;

export type NumericData = Exclude<TensorData, string[]>;

/** Memory that grows, and is written from its start on, little-endian. Its views are made once, not per value. */
export class GroupBuffer {
  /** Bytes written so far. */
  length = 0;
  private bytes = Buffer.alloc(0);
  private view = new DataView(this.bytes.buffer);
  private floats = new Float32Array(0);
  private doubles = new Float64Array(0);
  private longs = new BigInt64Array(0);

  constructor() {
    this.allocate(FIRST_BYTES);
  }

  /** What is written, until the next `clear`. */
  get written(): Buffer {
    return this.bytes.subarray(0, this.length);
  }

  clear(): void {
    this.length = 0;
    if (this.bytes.length > KEPT_BYTES) this.allocate(FIRST_BYTES);
  }

  u8(value: number): void {
    this.reserve(1);
    this.view.setUint8(this.length, value);
    this.length += 1;
  }

  u32(value: number): void {
    this.reserve(4);
    this.view.setUint32(this.length, value, true);
    this.length += 4;
  }

  f64(value: number): void {
    this.reserve(8);
    this.view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  /** Writes over what is there already. */
  setU32(at: number, value: number): void {
    this.view.setUint32(at, value, true);
  }

  /** UTF-8, its length before it. Short ASCII, as ids are, goes without a call out of JavaScript. */
  text(value: string): void {
    this.reserve(4 + 3 * value.length);
    const start = this.length + 4;
    const size = this.shortAscii(value, start) ? value.length : this.bytes.write(value, start, 'utf8');
    this.view.setUint32(this.length, size, true);
    this.length = start + size;
  }

  /** Zeros up to the next multiple of 8. */
  align(): void {
    this.reserve(8);
    while (this.length % 8 !== 0) this.bytes[this.length++] = 0;
  }

  raw(data: Uint8Array): void {
    this.reserve(data.length);
    this.bytes.set(data, this.length);
    this.length += data.length;
  }

  /** The bytes of values, from the next multiple of 8 on. */
  values(data: NumericData): void {
    this.align();
    this.reserve(data.byteLength);
    if (data instanceof Float32Array) this.floats.set(data, this.length / 4);
    else if (data instanceof Float64Array) this.doubles.set(data, this.length / 8);
    else if (data instanceof BigInt64Array) this.longs.set(data, this.length / 8);
    else this.bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), this.length);
    this.length += data.byteLength;
  }

  private shortAscii(value: string, start: number): boolean {
    if (value.length > SHORT_TEXT) return false;
    for (let index = 0; index < value.length; index += 1) {
      const code = value.charCodeAt(index);
      if (code > MAX_ASCII) return false;
      this.bytes[start + index] = code;
    }
    return true;
  }

  private reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) return;
    const before = this.written;
    this.allocate(2 ** Math.ceil(Math.log2(needed)));
    this.bytes.set(before);
  }

  private allocate(size: number): void {
    const memory = new ArrayBuffer(size);
    this.bytes = Buffer.from(memory);
    this.view = new DataView(memory);
    this.floats = new Float32Array(memory);
    this.doubles = new Float64Array(memory);
    this.longs = new BigInt64Array(memory);
  }
}
