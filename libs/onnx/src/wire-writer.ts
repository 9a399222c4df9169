/** Writes protobuf (encoding specification, proto3). */
function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(bytes);
}

export function integerField(field: number, value: number | bigint): Buffer {
  return Buffer.concat([varint(field * 8), varint(value)]);
}

/** A text, bytes or a message of the parts. */
export function bytesField(field: number, ...content: readonly (Uint8Array | string)[]): Buffer {
  const body = content.map((part) => (typeof part === 'string' ? Buffer.from(part) : part));
  const length = body.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([bytesTag(field, length), ...body]);
}

/** What comes before that many bytes. */
export function bytesTag(field: number, length: number): Buffer {
  return Buffer.concat([varint(field * 8 + 2), varint(length)]);
}
