import { WireFormatError } from './wire-reader.js';

const MAX_VARINT_BYTES = 10;

/**
 * Walks over the fields of one protobuf message in memory (encoding specification, proto3). Copies nothing: of a
 * length-delimited field it knows where its bytes are. One object for a whole message, since a model may have millions
 * of fields.
 */
export class WireCursor {
  /** Of the field it stands on. */
  field = 0;
  /** 0 varint, 1 fixed64, 2 length-delimited, 5 fixed32. */
  type = 0;
  /** Of a varint, as a signed 64-bit number; rounded beyond 2^53. */
  value = 0;
  /** Where the content of the field is. */
  start: number;
  end: number;
  /** Where the field begins, its tag included. */
  tagStart: number;
  readonly bytes: Buffer;
  /** Where the message begins and ends. */
  readonly origin: number;
  readonly limit: number;
  private position: number;

  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.origin = start;
    this.limit = end;
    this.position = this.start = this.end = this.tagStart = start;
  }

  /** Goes to the next field; false at the end. @throws WireFormatError */
  next(): boolean {
    if (this.position >= this.limit) return false;
    this.tagStart = this.position;
    const tag = this.varint();
    this.field = Math.floor(tag / 8);
    this.type = tag % 8;
    if (this.field < 1) throw new WireFormatError(`field number ${this.field} at byte ${this.tagStart}`);
    this.start = this.position;
    if (this.type === 0) this.value = this.varint();
    else this.skip(this.contentBytes());
    this.end = this.position;
    return true;
  }

  /** Goes over the fields that follow with the same tag, and counts them. For fields of numbers, one after another. */
  skipAlike(): number {
    const tag = this.field * 8 + this.type;
    if (tag > 0x7f || this.type === 2) return 0;
    let count = 0;
    while (this.bytes[this.position] === tag) {
      const after = this.type === 0 ? this.afterVarint(this.position + 1) : this.position + (this.type === 5 ? 5 : 9);
      if (after > this.limit) break;
      this.position = this.end = after;
      count += 1;
    }
    return count;
  }

  /** @throws WireFormatError for what is no UTF-8: two of those names could not be told apart */
  text(): string {
    this.expect(2);
    const text = this.bytes.toString('utf8', this.start, this.end);
    if (text.includes('\ufffd')) throw new WireFormatError(`a name that is no text at byte ${this.start}`);
    return text;
  }

  message(): WireCursor {
    this.expect(2);
    return new WireCursor(this.bytes, this.start, this.end);
  }

  integer(): number {
    this.expect(0);
    return this.value;
  }

  /** Adds the numbers of a repeated integer field, packed or not, with those that follow. */
  addIntegers(to: number[], atMost = Infinity): void {
    if (this.type !== 0) {
      const packed = this.message();
      while (packed.position < packed.limit && to.length <= atMost) to.push(packed.varint());
      return;
    }
    to.push(this.value);
    const tag = this.field * 8;
    if (tag > 0x7f) return;
    while (this.position < this.limit && this.bytes[this.position] === tag && to.length <= atMost) {
      this.position += 1;
      to.push(this.varint());
    }
    this.end = this.position;
  }

  /** @throws WireFormatError when the field is of another type than it should be */
  expect(type: number): void {
    if (this.type !== type) throw new WireFormatError(`field ${this.field} has wire type ${this.type}, not ${type}`);
  }

  private contentBytes(): number {
    if (this.type === 1) return 8;
    if (this.type === 5) return 4;
    if (this.type !== 2) throw new WireFormatError(`wire type ${this.type} at byte ${this.tagStart}`);
    const length = this.varint();
    this.start = this.position;
    return length;
  }

  private skip(length: number): void {
    if (length < 0 || this.position + length > this.limit) {
      throw new WireFormatError(`field ${this.field} reaches beyond its message`);
    }
    this.position += length;
  }

  private afterVarint(position: number): number {
    while ((this.bytes[position] ?? 0) >= 0x80) position += 1;
    return position + 1;
  }

  private varint(): number {
    const first = this.byte();
    if (first < 0x80) return first;
    const second = this.byte();
    if (second < 0x80) return (first & 0x7f) | (second << 7);
    return this.longVarint((first & 0x7f) | ((second & 0x7f) << 7));
  }

  /** In three parts of 28, 28 and 8 bits: no BigInt, and exact for the small negative numbers that models have. */
  private longVarint(firstTwo: number): number {
    const parts: [number, number, number] = [firstTwo, 0, 0];
    for (let i = 2; i < MAX_VARINT_BYTES; i += 1) {
      const byte = this.byte();
      parts[i >> 2] = (parts[i >> 2] ?? 0) | ((byte & 0x7f) << (7 * (i & 3)));
      if (byte < 0x80) return signed(...parts);
    }
    throw new WireFormatError(`a number of more than ${MAX_VARINT_BYTES} bytes at ${this.position}`);
  }

  private byte(): number {
    const byte = this.position < this.limit ? this.bytes[this.position] : undefined;
    if (byte === undefined) throw new WireFormatError('the message ends in the middle of a number');
    this.position += 1;
    return byte;
  }
}

function signed(low: number, middle: number, high: number): number {
  if ((high & 0x80) === 0) return low + middle * 2 ** 28 + (high & 0xff) * 2 ** 56;
  const mask = 2 ** 28 - 1;
  return -(1 + (~low & mask) + (~middle & mask) * 2 ** 28 + (~high & 0xff) * 2 ** 56);
}
