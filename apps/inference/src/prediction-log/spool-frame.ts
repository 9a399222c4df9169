import { crc32 } from 'node:zlib';

/**
 * Bytes before each body, little-endian: mark (u32), checksum (u32), length of the body (u32), records in it (u32; 0 for
 * contexts), sequence of the first record (u64; of the next one for contexts), sequences that were used up in vain just
 * before it (u32), spare (u32). Frames begin at multiples of 8.
 */
export const FRAME_HEADER = 32;
const MARK = Buffer.from('BPL1', 'latin1');
const MARK_NUMBER = MARK.readUInt32LE(0);
const MAX_BODY = 1024 ** 3;

export interface Frame {
  /** Sequence of the first record. */
  readonly first: number;
  /** Records; 0 for contexts. */
  readonly count: number;
  /** Sequences just before `first` that are known to be lost. */
  readonly lost: number;
  readonly body: Buffer;
}

/** Writes the header of a body that begins at `FRAME_HEADER`. The checksum (CRC-32) covers all that follows it. */
export function sealFrame(bytes: Buffer, { first, count, lost }: Omit<Frame, 'body'>): void {
  bytes.writeUInt32LE(MARK_NUMBER, 0);
  bytes.writeUInt32LE(bytes.length - FRAME_HEADER, 8);
  bytes.writeUInt32LE(count, 12);
  bytes.writeBigUInt64LE(BigInt(first), 16);
  bytes.writeUInt32LE(lost, 24);
  bytes.writeUInt32LE(0, 28);
  bytes.writeUInt32LE(crc32(bytes.subarray(8)), 4);
}

export function makeFrame(body: Buffer, head: Omit<Frame, 'body'>): Buffer {
  const bytes = Buffer.alloc(FRAME_HEADER + Math.ceil(body.length / 8) * 8);
  body.copy(bytes, FRAME_HEADER);
  sealFrame(bytes, head);
  return bytes;
}

/**
 * The frame that begins at a byte.
 * @param least what its first sequence is at least: a file that was used before has frames of lower ones behind its end
 * @returns the bytes that it needs, where there are fewer; undefined where none begins
 */
export function frameAt(bytes: Buffer, at: number, least: number): Frame | number | undefined {
  if (bytes.length - at < FRAME_HEADER) return FRAME_HEADER;
  if (bytes.readUInt32LE(at) !== MARK_NUMBER) return undefined;
  const length = bytes.readUInt32LE(at + 8);
  const first = Number(bytes.readBigUInt64LE(at + 16));
  if (length > MAX_BODY || first < least || !Number.isSafeInteger(first)) return undefined;
  const end = at + FRAME_HEADER + length;
  if (end > bytes.length) return end - at;
  if (crc32(bytes.subarray(at + 8, end)) !== bytes.readUInt32LE(at + 4)) return undefined;
  const [count, lost] = [bytes.readUInt32LE(at + 12), bytes.readUInt32LE(at + 24)];
  return { first, count, lost, body: bytes.subarray(at + FRAME_HEADER, end) };
}

export function frameBytes({ body }: Frame): number {
  return FRAME_HEADER + body.length;
}

/** The next whole frame from a byte on, whatever is before it. */
export function findFrame(bytes: Buffer, from: number, least: number): { at: number; frame: Frame } | undefined {
  for (let at = bytes.indexOf(MARK, from); at !== -1; at = bytes.indexOf(MARK, at + 1)) {
    if (at % 8 !== 0) continue;
    const frame = frameAt(bytes, at, least);
    if (typeof frame === 'object') return { at, frame };
  }
  return undefined;
}

export interface ScannedSegment {
  readonly frames: Frame[];
  /** Behind the last whole frame. */
  readonly end: number;
  /** The sequence that comes then. */
  readonly next: number;
}

/** Everything whole in a segment, also behind what is damaged. */
export function scanSegment(bytes: Buffer, first: number): ScannedSegment {
  const frames: Frame[] = [];
  let [end, next] = [0, first];
  for (;;) {
    const here = frameAt(bytes, end, next);
    const found = typeof here === 'object' ? { at: end, frame: here } : findFrame(bytes, end + 1, next);
    if (!found) return { frames, end, next };
    frames.push(found.frame);
    end = found.at + frameBytes(found.frame);
    next = found.frame.first + found.frame.count;
  }
}
