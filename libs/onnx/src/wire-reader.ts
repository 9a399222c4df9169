import { readSync } from 'node:fs';

const WINDOW_BYTES = 64 * 1024;
const MAX_VARINT_BYTES = 10;
/** Up to here a varint fits the 32-bit arithmetic that is fast. */
const SHORT_VARINT_BYTES = 4;

/** Thrown for bytes that are no protobuf message. */
export class WireFormatError extends Error {
  override readonly name = 'WireFormatError';
}

/** One field of a message; of a length-delimited one, where its bytes are. */
export interface WireField {
  readonly number: number;
  /** 0 varint, 1 fixed64, 2 length-delimited, 5 fixed32. */
  readonly type: number;
  /** Of a varint, as a signed 64-bit number; rounded beyond 2^53. */
  readonly value: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Reads protobuf (encoding specification, proto3) from a file through a small window. Bytes of length-delimited fields
 * are skipped unless asked for, so that a model of gigabytes costs no memory.
 */
export class WireReader {
  readonly size: number;
  private readonly fd: number;
  private readonly window = Buffer.alloc(WINDOW_BYTES);
  private windowStart = 0;
  private windowEnd = 0;
  /** Where the last varint ended. */
  private position = 0;

  constructor(fd: number, size: number) {
    this.fd = fd;
    this.size = size;
  }

  /** The fields of the message between two positions, in order. @throws WireFormatError */
  *fields(start: number, end: number): Generator<WireField> {
    let position = start;
    while (position < end) {
      const tag = this.varint(position, end);
      const number = Math.floor(tag / 8);
      if (number < 1 || number > 536_870_911) throw new WireFormatError(`field number ${number} at byte ${position}`);
      const field = this.field(number, tag % 8, end);
      yield field;
      position = field.end;
    }
  }

  /** @throws WireFormatError when it is longer than `maxBytes` */
  text(field: WireField, maxBytes: number): string {
    const length = field.end - field.start;
    if (field.type !== 2) throw new WireFormatError(`field ${field.number} is no text`);
    if (length > maxBytes) throw new WireFormatError(`a text of ${length} bytes where ${maxBytes} are allowed`);
    const bytes = Buffer.alloc(length);
    for (let i = 0; i < length; i += 1) bytes[i] = this.byte(field.start + i);
    return bytes.toString('utf8');
  }

  /** The numbers of a repeated integer field, packed or not, one by one. */
  *integers(field: WireField): Generator<number> {
    if (field.type === 0) {
      yield field.value;
      return;
    }
    for (let position = field.start; position < field.end; position = this.position) {
      yield this.varint(position, field.end);
    }
  }

  private field(number: number, type: number, end: number): WireField {
    if (type === 0) {
      const start = this.position;
      return { number, type, value: this.varint(start, end), start, end: this.position };
    }
    if (type === 1 || type === 5) {
      const start = this.position;
      return bounded({ number, type, value: 0, start, end: start + (type === 1 ? 8 : 4) }, end);
    }
    if (type !== 2) throw new WireFormatError(`wire type ${type} at byte ${this.position}`);
    const length = this.varint(this.position, end);
    const start = this.position;
    return bounded({ number, type, value: length, start, end: start + length }, end);
  }

  private varint(position: number, end: number): number {
    let value = 0;
    for (let i = 0; i < SHORT_VARINT_BYTES; i += 1) {
      const byte = this.byteBefore(position + i, end);
      value |= (byte & 0x7f) << (7 * i);
      if (byte < 0x80) {
        this.position = position + i + 1;
        return value;
      }
    }
    return this.longVarint(position, end);
  }

  private longVarint(position: number, end: number): number {
    let value = 0n;
    for (let i = 0; i < MAX_VARINT_BYTES; i += 1) {
      const byte = this.byteBefore(position + i, end);
      value |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte < 0x80) {
        this.position = position + i + 1;
        return Number(BigInt.asIntN(64, value));
      }
    }
    throw new WireFormatError(`a number of more than ${MAX_VARINT_BYTES} bytes at ${position}`);
  }

  private byteBefore(position: number, end: number): number {
    if (position >= end) throw new WireFormatError('the file ends in the middle of a number');
    return this.byte(position);
  }

  private byte(position: number): number {
    if (position < this.windowStart || position >= this.windowEnd) {
      this.windowStart = position;
      this.windowEnd = position + readSync(this.fd, this.window, 0, WINDOW_BYTES, position);
    }
    const byte = position < this.windowEnd ? this.window[position - this.windowStart] : undefined;
    if (byte === undefined) throw new WireFormatError('the file ends too early');
    return byte;
  }
}

function bounded(field: WireField, end: number): WireField {
  if (field.end < field.start || field.end > end) {
    throw new WireFormatError(`field ${field.number} reaches beyond its message`);
  }
  return field;
}
