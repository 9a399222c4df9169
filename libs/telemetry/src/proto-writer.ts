/** Wire types of protocol buffers. */
const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;

const WORD = 2 ** 32;
const MAX_ASCII_LOOP = 48;

/** Writes protocol buffers into bytes of a fixed size; who writes sees to it that they suffice. */
export class ProtoWriter {
  at = 0;
  readonly bytes: Buffer;
  readonly view: DataView;

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafeSlow(size);
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, size);
  }

  integer(field: number, value: number): void {
    this.tag(field, VARINT);
    if (value >= 0) this.varint(value);
    else this.negative(value);
  }

  double(field: number, value: number): void {
    this.tag(field, FIXED64);
    this.view.setFloat64(this.at, value, true);
    this.at += 8;
  }

  fixed64(field: number, low: number, high: number): void {
    this.tag(field, FIXED64);
    this.view.setInt32(this.at, low, true);
    this.view.setInt32(this.at + 4, high, true);
    this.at += 8;
  }

  text(field: number, value: string): void {
    const start = this.open(field);
    this.characters(value);
    this.close(start);
  }

  /** Eight bytes of an id, by words. */
  id(field: number, word0: number, word1: number): void {
    this.tag(field, LENGTH);
    this.bytes[this.at++] = 8;
    this.view.setInt32(this.at, word0);
    this.view.setInt32(this.at + 4, word1);
    this.at += 8;
  }

  /** Begins a message or other field with a length. @returns where its content starts, for {@link close} */
  open(field: number): number {
    this.tag(field, LENGTH);
    return ++this.at;
  }

  /** Nearly everything is shorter than 128 bytes; the rest moves up, to make room for a longer length. */
  close(start: number): void {
    const length = this.at - start;
    if (length < 0x80) {
      this.bytes[start - 1] = length;
      return;
    }
    let more = 1;
    for (let rest = length >>> 14; rest > 0; rest >>>= 7) more++;
    this.bytes.copyWithin(start + more, start, this.at);
    const end = this.at + more;
    this.at = start - 1;
    this.varint(length);
    this.at = end;
  }

  varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.bytes[this.at++] = rest % 0x80 | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.bytes[this.at++] = rest;
  }

  private tag(field: number, wireType: number): void {
    const tag = (field << 3) | wireType;
    if (tag < 0x80) this.bytes[this.at++] = tag;
    else this.varint(tag);
  }

  /** Two's complement of 64 bits, which takes all ten bytes. */
  private negative(value: number): void {
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest >= 0x80n; rest >>= 7n) this.bytes[this.at++] = Number(rest & 0x7fn) | 0x80;
    this.bytes[this.at++] = Number(rest);
  }

  private characters(value: string): void {
    if (value.length > MAX_ASCII_LOOP || !this.ascii(value)) this.at += this.bytes.write(value, this.at);
  }

  /** Short text costs less by hand than by a call into the engine. */
  private ascii(value: string): boolean {
    const { bytes, at } = this;
    for (let index = 0; index < value.length; index++) {
      const code = value.charCodeAt(index);
      if (code >= 0x80) return false;
      bytes[at + index] = code;
    }
    this.at = at + value.length;
    return true;
  }
}

/** Writes milliseconds since the epoch as nanoseconds (fixed64); a double knows them to a quarter of a microsecond. */
export function writeNanoseconds(view: DataView, at: number, ms: number): void {
  const ns = ms * 1e6;
  const high = Math.floor(ns / WORD);
  view.setInt32(at, (ns - high * WORD) | 0, true);
  view.setInt32(at + 4, high | 0, true);
}
