/** A field of a message: its number, and its bytes or its 64 bits. */
export interface ProtoField {
  readonly number: number;
  /** Of text, bytes and messages; empty for numbers. */
  readonly bytes: Buffer;
  /** Of numbers, unsigned; 0 otherwise. */
  readonly bits: bigint;
}

const WIRE = { varint: 0, fixed64: 1, length: 2, fixed32: 5 };
const MAX_VARINT = 10;
const EMPTY = Buffer.alloc(0);

/** The fields of a message of protocol buffers, in their order. @throws Error when it is cut or is none */
export function* readFields(message: Buffer): Generator<ProtoField> {
  const cursor = { at: 0 };
  while (cursor.at < message.length) {
    const tag = Number(readVarint(message, cursor));
    const number = Math.floor(tag / 8);
    if (number === 0) throw new Error('a field of a message has the number 0');
    yield { number, ...readValue(message, cursor, tag % 8) };
  }
}

/** The messages or texts in a field that may come more than once. */
export function readAll(message: Buffer, number: number): Buffer[] {
  return [...readFields(message)].filter((field) => field.number === number).map(({ bytes }) => bytes);
}

/** Fixed64 and varint of negative numbers alike: 64 bits with a sign. */
export function signed(bits: bigint): number {
  return Number(BigInt.asIntN(64, bits));
}

export function double(bits: bigint): number {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(bits);
  return bytes.readDoubleLE();
}

function readValue(message: Buffer, cursor: { at: number }, wireType: number): Omit<ProtoField, 'number'> {
  if (wireType === WIRE.varint) return { bytes: EMPTY, bits: readVarint(message, cursor) };
  if (wireType === WIRE.length) return { bytes: take(message, cursor, Number(readVarint(message, cursor))), bits: 0n };
  if (wireType === WIRE.fixed64) return { bytes: EMPTY, bits: take(message, cursor, 8).readBigUInt64LE() };
  if (wireType === WIRE.fixed32) return { bytes: EMPTY, bits: BigInt(take(message, cursor, 4).readUInt32LE()) };
  throw new Error(`a field of a message is of the unknown kind ${wireType}`);
}

function take(message: Buffer, cursor: { at: number }, length: number): Buffer {
  const end = cursor.at + length;
  if (end > message.length) throw new Error('a message ends in the middle of a field');
  const bytes = message.subarray(cursor.at, end);
  cursor.at = end;
  return bytes;
}

function readVarint(message: Buffer, cursor: { at: number }): bigint {
  let value = 0n;
  for (let index = 0; index < MAX_VARINT; index++) {
    const byte = message[cursor.at++];
    if (byte === undefined) throw new Error('a message ends in the middle of a field');
    value |= BigInt(byte & 0x7f) << BigInt(index * 7);
    if (byte < 0x80) return BigInt.asUintN(64, value);
  }
  throw new Error('a number of a message is longer than 64 bits');
}
