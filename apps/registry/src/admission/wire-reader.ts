import { readSync } from 'node:fs';

const WINDOW = 64 * 1024;
const MAX_VARINT_BYTES = 10;

/** Thrown for bytes that are no protobuf message. */
export class WireFormatError extends Error {
  override readonly name = 'WireFormatError';
}

/** One field of a message; of a length-delimited one, where its bytes are. */
export interface WireField {
  readonly number: number;
  /** 0 varint, 1 fixed64, 2 length-delimited, 5 fixed32. */
  readonly type: number;
  /** Of a varint. */
  readonly value: bigint;
  readonly start: number;
  readonly end: number;
}

/**
 * Reads protobuf (encoding specification, proto3) from a file through a small window. Bytes of length-delimited fields
 * are skipped unless asked for, so that a model of gigabytes costs no memory.
 */
export class WireReader {
  private readonly window = Buffer.alloc(WINDOW);
  private windowStart = 0;
  private windowEnd = 0;

  constructor(
    private readonly fd: number,
    readonly size: number,
  ) {}

  /** The fields of the message between two positions, in order. @throws WireFormatError */
  *fields(start: number, end: number): Generator<WireField> {
    let position = start;
    while (position < end) {
      const [tag, afterTag] = this.varint(position, end);
      const number = Number(tag >> 3n);
      const type = Number(tag & 7n);
      if (number === 0 || number > 536_870_911) throw new WireFormatError(`field number ${number} at byte ${position}`);
      const field = this.field(number, type, afterTag, end);
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

  /** The numbers of a repeated integer field, packed or not. */
  integers(field: WireField): bigint[] {
    if (field.type === 0) return [field.value];
    const values: bigint[] = [];
    for (let position = field.start; position < field.end; ) {
      const [value, next] = this.varint(position, field.end);
      values.push(value);
      position = next;
    }
    return values;
  }

  private field(number: number, type: number, position: number, end: number): WireField {
    if (type === 0) {
      const [value, next] = this.varint(position, end);
      return { number, type, value, start: position, end: next };
    }
    if (type === 2) {
      const [length, start] = this.varint(position, end);
      return this.bounded({ number, type, value: length, start, end: start + Number(length) }, end);
    }
    if (type === 1 || type === 5) {
      return this.bounded({ number, type, value: 0n, start: position, end: position + (type === 1 ? 8 : 4) }, end);
    }
    throw new WireFormatError(`wire type ${type} at byte ${position}`);
  }

  private bounded(field: WireField, end: number): WireField {
    if (field.end > end) throw new WireFormatError(`field ${field.number} reaches beyond its message`);
    return field;
  }

  private varint(position: number, end: number): [bigint, number] {
    let value = 0n;
    for (let i = 0; i < MAX_VARINT_BYTES; i += 1) {
      if (position + i >= end) throw new WireFormatError('the file ends in the middle of a number');
      const byte = this.byte(position + i);
      value |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte < 0x80) return [BigInt.asUintN(64, value), position + i + 1];
    }
    throw new WireFormatError(`a number of more than ${MAX_VARINT_BYTES} bytes at ${position}`);
  }

  private byte(position: number): number {
    if (position < this.windowStart || position >= this.windowEnd) {
      this.windowStart = position;
      this.windowEnd = position + readSync(this.fd, this.window, 0, WINDOW, position);
    }
    const byte = position < this.windowEnd ? this.window[position - this.windowStart] : undefined;
    if (byte === undefined) throw new WireFormatError('the file ends too early');
    return byte;
  }
}
