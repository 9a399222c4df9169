import { wire } from './proto-reader.js';

/** Bytes of the longest number, and of a tag before a field. */
const NUMBER_BYTES = 10;
const TAG_BYTES = 1;

/** Room that a text may need, with its tag and length. */
export function textRoom(text: string): number {
  return TAG_BYTES + NUMBER_BYTES + text.length * 3;
}

/** Room that bytes need, with their tag and length. */
export function bytesRoom(length: number): number {
  return TAG_BYTES + NUMBER_BYTES + length;
}

/** Writes a message of Protocol Buffers into memory that is large enough for it. Field numbers are below 16. */
export class ProtoWriter {
  private readonly buffer: Buffer;
  private position = 0;

  constructor(room: number) {
    this.buffer = Buffer.allocUnsafe(room);
  }

  finish(): Buffer {
    return this.buffer.subarray(0, this.position);
  }

  text(field: number, text: string): void {
    if (text === '') return;
    this.tag(field, wire.bytes);
    const start = this.position;
    const length = this.buffer.write(text, start + 1, 'utf8');
    this.position = start + 1 + length;
    this.measure(start, length);
  }

  bytes(field: number, bytes: Uint8Array): void {
    this.tag(field, wire.bytes);
    this.number(bytes.length);
    this.raw(bytes);
  }

  /** Fields that are written already. */
  raw(bytes: Uint8Array): void {
    this.buffer.set(bytes, this.position);
    this.position += bytes.length;
  }

  /** A list of whole numbers from 0 on. */
  packed(field: number, values: readonly number[]): void {
    this.message(field, () => {
      for (const value of values) this.number(value);
    });
  }

  bool(field: number, value: boolean): void {
    this.tag(field, wire.varint);
    this.number(Number(value));
  }

  message(field: number, write: () => void): void {
    this.tag(field, wire.bytes);
    const start = this.position;
    this.position += 1;
    write();
    this.measure(start, this.position - start - 1);
  }

  private tag(field: number, type: number): void {
    this.buffer[this.position++] = (field << 3) | type;
  }

  private number(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.buffer[this.position++] = rest % 0x80 | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.buffer[this.position++] = rest;
  }

  /** Puts the length before what was written behind one byte left for it; few lengths need more. */
  private measure(start: number, length: number): void {
    if (length < 0x80) {
      this.buffer[start] = length;
      return;
    }
    const extra = length < 0x4000 ? 1 : Math.floor(Math.log2(length) / 7);
    this.buffer.copyWithin(start + 1 + extra, start + 1, start + 1 + length);
    this.position = start;
    this.number(length);
    this.position += length;
  }
}
