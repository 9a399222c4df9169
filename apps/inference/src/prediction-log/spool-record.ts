import type { PredictionLogged } from '@baton/contracts';
import { crc32 } from 'node:zlib';

/** One prediction as it is kept until Kafka has it. */
export interface SpoolRecord {
  /** Id of its event, the same at every try. */
  readonly id: string;
  /** ISO 8601. */
  readonly time: string;
  readonly traceparent?: string | undefined;
  readonly data: PredictionLogged;
}

/** Bytes of length and checksum before each record. */
const HEADER = 8;
const MAX_RECORD = 64 * 1024 * 1024;

/** Length (u32), CRC-32 of the payload (u32), payload (JSON). */
export function encodeRecord(record: SpoolRecord): Buffer {
  const payload = Buffer.from(JSON.stringify(record));
  const header = Buffer.allocUnsafe(HEADER);
  header.writeUInt32LE(payload.length, 0);
  header.writeUInt32LE(crc32(payload), 4);
  return Buffer.concat([header, payload]);
}

export interface DecodedRecord {
  readonly record: SpoolRecord;
  /** Where it ends. */
  readonly end: number;
}

/** The record at a position; undefined at the end, and where a write was cut off or the bytes are not what they were. */
export function decodeRecord(bytes: Buffer, start: number): DecodedRecord | undefined {
  if (start + HEADER > bytes.length) return undefined;
  const length = bytes.readUInt32LE(start);
  const end = start + HEADER + length;
  if (length === 0 || length > MAX_RECORD || end > bytes.length) return undefined;
  const payload = bytes.subarray(start + HEADER, end);
  if (crc32(payload) !== bytes.readUInt32LE(start + 4)) return undefined;
  return { record: JSON.parse(payload.toString('utf8')) as SpoolRecord, end };
}

/** The records from a position on, in order, up to the first that is torn. */
export function* decodeRecords(bytes: Buffer, from = 0): Generator<DecodedRecord> {
  for (let next = decodeRecord(bytes, from); next; next = decodeRecord(bytes, next.end)) yield next;
}
