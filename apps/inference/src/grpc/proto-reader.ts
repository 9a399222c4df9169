/** Thrown for bytes that are no message of the kind expected. */
export class MalformedError extends Error {
  override readonly name = 'MalformedError';
  /** The field, from the outermost message on; empty while only the reader knows. */
  path = '';

  constructor(readonly reason: string) {
    super(reason);
  }

  /** The same, seen from the message that has the field. */
  inside(field: string): this {
    this.path = this.path === '' ? field : `${field}.${this.path}`;
    return this;
  }
}

/** Fields of one message with all in it: two bytes may make one, and each takes its time. */
const MAX_FIELDS = 250_000;

/** What reading one message may cost, shared by the readers of its parts. */
export interface ReadingBudget {
  fields: number;
}

export function readingBudget(): ReadingBudget {
  return { fields: MAX_FIELDS };
}

/** How a value is written (protobuf's wire types). */
export const wire = { varint: 0, fixed64: 1, bytes: 2, openGroup: 3, closeGroup: 4, fixed32: 5 } as const;

const wideNumber = new BigInt64Array(1);
const wideHalves = new Int32Array(wideNumber.buffer);

/** Reads a message of Protocol Buffers where it lies: bytes come as views. */
export class ProtoReader {
  /** The last number that was read, as two halves of 32 bits each. */
  private low = 0;
  private high = 0;

  constructor(
    private readonly bytes: Buffer,
    private position = 0,
    private readonly end = bytes.length,
    private readonly budget = readingBudget(),
  ) {}

  get isEnd(): boolean {
    return this.position >= this.end;
  }

  /** Field number and wire type, as `number << 3 | type`. */
  tag(): number {
    this.spend();
    this.varint();
    if (this.high !== 0 || this.low >>> 3 === 0) throw new MalformedError('there is no such field');
    return this.low >>> 0;
  }

  /** One field more, or one value of a list. */
  spend(): void {
    this.budget.fields -= 1;
    if (this.budget.fields < 0) throw new MalformedError(`it has more than ${MAX_FIELDS} fields and values`);
  }

  uint32(): number {
    this.varint();
    return this.low >>> 0;
  }

  int32(): number {
    this.varint();
    return this.low | 0;
  }

  bool(): boolean {
    this.varint();
    return (this.low | this.high) !== 0;
  }

  /** Exact up to 2^53. */
  int64(): number {
    this.varint();
    return (this.high | 0) * 2 ** 32 + (this.low >>> 0);
  }

  bigInt64(): bigint {
    this.varint();
    [wideHalves[0], wideHalves[1]] = [this.low, this.high];
    return wideNumber[0] ?? 0n;
  }

  bigUint64(): bigint {
    return BigInt.asUintN(64, this.bigInt64());
  }

  float(): number {
    return this.bytes.readFloatLE(this.advance(4));
  }

  double(): number {
    return this.bytes.readDoubleLE(this.advance(8));
  }

  view(): Buffer {
    const length = this.length();
    const start = this.advance(length);
    return this.bytes.subarray(start, start + length);
  }

  /** Of the message, list or map entry that begins here. */
  nested(): ProtoReader {
    const length = this.length();
    const start = this.advance(length);
    return new ProtoReader(this.bytes, start, start + length, this.budget);
  }

  string(): string {
    const length = this.length();
    const start = this.advance(length);
    const text = this.bytes.toString('utf8', start, start + length);
    // Bytes that are no text come as this character, which may also be meant.
    if (text.includes('\uFFFD') && Buffer.byteLength(text) !== length) throw new MalformedError('it is not UTF-8');
    return text;
  }

  /** @throws MalformedError when the field is written in another way */
  expect(tag: number, type: number): void {
    if ((tag & 7) !== type) throw new MalformedError(`it is written as wire type ${tag & 7}, not ${type}`);
  }

  /** Over a field that nobody here knows. */
  skip(tag: number): void {
    let groups = 0;
    let type = tag & 7;
    for (;;) {
      groups += this.skipValue(type);
      if (groups === 0) return;
      type = this.tag() & 7;
    }
  }

  /** Gives 1 where a group begins, -1 where one ends. */
  private skipValue(type: number): number {
    switch (type) {
      case wire.varint:
        this.varint();
        return 0;
      case wire.fixed64:
        this.advance(8);
        return 0;
      case wire.bytes:
        this.advance(this.length());
        return 0;
      case wire.openGroup:
        return 1;
      case wire.closeGroup:
        return -1;
      case wire.fixed32:
        this.advance(4);
        return 0;
      default:
        throw new MalformedError(`there is no wire type ${type}`);
    }
  }

  private length(): number {
    this.varint();
    if (this.high !== 0) throw new MalformedError('its length leads outside of the message');
    return this.low >>> 0;
  }

  /** Gives where it was before. */
  private advance(count: number): number {
    const start = this.position;
    if (count > this.end - start) throw new MalformedError('it ends early');
    this.position = start + count;
    return start;
  }

  private varint(): void {
    let byte = this.next();
    this.high = 0;
    this.low = byte & 0x7f;
    for (let shift = 7; byte >= 0x80 && shift < 28; shift += 7) {
      byte = this.next();
      this.low |= (byte & 0x7f) << shift;
    }
    if (byte < 0x80) return;
    byte = this.next();
    this.low |= (byte & 0x0f) << 28;
    this.high = (byte & 0x7f) >> 4;
    for (let shift = 3; byte >= 0x80 && shift < 32; shift += 7) {
      byte = this.next();
      this.high |= (byte & 0x7f) << shift;
    }
    if (byte >= 0x80) throw new MalformedError('a number does not end');
  }

  private next(): number {
    if (this.position >= this.end) throw new MalformedError('it ends early');
    return this.bytes[this.position++] ?? 0;
  }
}

/**
 * Reads a message field by field.
 * @param names of the fields, for errors
 * @param onField reads a field, or says false to one that it does not know
 * @throws MalformedError whose path begins with the field
 */
export function readFields(
  reader: ProtoReader,
  names: readonly (string | undefined)[],
  onField: (field: number, tag: number) => boolean,
): void {
  while (!reader.isEnd) {
    const tag = reader.tag();
    const field = tag >>> 3;
    try {
      if (!onField(field, tag)) reader.skip(tag);
    } catch (error) {
      throw error instanceof MalformedError ? error.inside(names[field] ?? `field ${field}`) : error;
    }
  }
}
