import { crc32 } from 'node:zlib';

/** Bytes before each body: checksum (u32), length of the body (u32), sequence (u64), all little-endian. */
const HEADER = 16;
const MAX_BODY = 64 * 1024 * 1024;

export interface SpoolRecord {
  readonly sequence: number;
  readonly body: Buffer;
}

/** The checksum (CRC-32) covers everything behind it, the sequence and the length included. */
export function encodeRecord({ sequence, body }: SpoolRecord): Buffer {
  const bytes = Buffer.allocUnsafe(HEADER + body.length);
  bytes.writeUInt32LE(body.length, 4);
  bytes.writeBigUInt64LE(BigInt(sequence), 8);
  body.copy(bytes, HEADER);
  bytes.writeUInt32LE(crc32(bytes.subarray(4)), 0);
  return bytes;
}

export interface ScannedRecords {
  readonly records: SpoolRecord[];
  /** Behind the last whole record. */
  readonly end: number;
  /** Bytes that the record at `end` needs, as far as they can be told; 0 where no record can begin. */
  readonly wanted: number;
}

/** Whole records from the start of the bytes on, up to the first that is cut off or is not what was written. */
export function scanRecords(bytes: Buffer, limits: { readonly count?: number } = {}): ScannedRecords {
  const records: SpoolRecord[] = [];
  let end = 0;
  while (records.length < (limits.count ?? Infinity)) {
    if (bytes.length - end < HEADER) return { records, end, wanted: HEADER };
    const length = bytes.readUInt32LE(end + 4);
    if (length > MAX_BODY) return { records, end, wanted: 0 };
    const next = end + HEADER + length;
    if (next > bytes.length) return { records, end, wanted: next - end };
    if (crc32(bytes.subarray(end + 4, next)) !== bytes.readUInt32LE(end)) return { records, end, wanted: 0 };
    records.push({ sequence: Number(bytes.readBigUInt64LE(end + 8)), body: bytes.subarray(end + HEADER, next) });
    end = next;
  }
  return { records, end, wanted: HEADER };
}
