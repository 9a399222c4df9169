/** A field of a message in Protocol Buffers, as it is written. */
export interface ProtoField {
  readonly number: number;
  /** Wire type: 0 number, 1 eight bytes, 2 bytes with a length, 3 and 4 group, 5 four bytes. */
  readonly type: number;
  /** Without the length. */
  readonly payload: Buffer;
  /** A length that is not the payload's. */
  readonly saidLength?: number;
}

export function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Buffer.from([...bytes, Number(rest)]);
}

export function writeFields(fields: readonly ProtoField[]): Buffer {
  return Buffer.concat(
    fields.flatMap(({ number, type, payload, saidLength = payload.length }) => {
      const tag = varint((BigInt(number) << 3n) | BigInt(type));
      return type === 2 ? [tag, varint(BigInt(saidLength)), payload] : [tag, payload];
    }),
  );
}

/** Undefined for bytes that are no message. */
export function readFields(message: Buffer): ProtoField[] | undefined {
  const fields: ProtoField[] = [];
  let at = 0;
  while (at < message.length) {
    const tag = varintAt(message, at);
    if (!tag || tag.value < 8) return undefined;
    const type = tag.value % 8;
    const body = payloadAt(message, tag.end, type);
    if (!body || body.end > message.length) return undefined;
    fields.push({ number: Math.floor(tag.value / 8), type, payload: message.subarray(body.start, body.end) });
    at = body.end;
  }
  return fields;
}

function payloadAt(message: Buffer, start: number, type: number): { start: number; end: number } | undefined {
  if (type === 1) return { start, end: start + 8 };
  if (type === 5) return { start, end: start + 4 };
  const number = varintAt(message, start);
  if (!number) return undefined;
  if (type === 0) return { start, end: number.end };
  return type === 2 ? { start: number.end, end: number.end + number.value } : undefined;
}

/** Exact up to 2^53, which is enough for lengths and tags. */
function varintAt(message: Buffer, start: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let at = start; at < Math.min(message.length, start + 10); at += 1) {
    const byte = message[at] ?? 0;
    value += (byte & 0x7f) * 2 ** (7 * (at - start));
    if (byte < 0x80) return { value, end: at + 1 };
  }
  return undefined;
}
