import type { RecordMode } from '@baton/contracts';
import { FRAME_HEADER } from './spool-frame.js';
import { GroupBuffer } from './group-buffer.js';

/** What records of a segment have in common: written once before the first that refers to it by its number. */
export interface SegmentContext {
  readonly number: number;
  readonly json: Buffer;
  /** The last group that refers to it. */
  usedIn: number;
}

/** Writes what is in an entry behind what the group holds already. */
export type EncodeEntry<E> = (entry: E, group: SpoolGroup) => void;

const RECORD_HEADER = 8;
let groups = 0;

/** Records that are written, and made safe, as one. Used again after each commit. */
export class SpoolGroup {
  readonly buffer = new GroupBuffer();
  readonly contexts: SegmentContext[] = [];
  readonly whenWritten: (() => void)[] = [];
  whenStable: (() => void)[] = [];
  count = 0;
  private number = 0;

  constructor() {
    this.clear();
  }

  clear(): void {
    groups += 1;
    this.number = groups;
    this.count = 0;
    this.contexts.length = 0;
    this.whenWritten.length = 0;
    // These wait longer than the group does.
    this.whenStable = [];
    this.buffer.clear();
    this.buffer.length = FRAME_HEADER;
  }

  /** Notes that a record refers to the context. */
  use(context: SegmentContext): void {
    if (context.usedIn === this.number) return;
    context.usedIn = this.number;
    this.contexts.push(context);
  }

  /**
   * Adds a record: its length with this header (u32), a spare field, its body, zeros up to a multiple of 8.
   * @throws what `encode` throws; the record is then empty, and stands for one that is lost
   */
  add<E>(entry: E, encode: EncodeEntry<E>): void {
    const { buffer } = this;
    const start = buffer.length;
    this.count += 1;
    buffer.u32(RECORD_HEADER);
    buffer.u32(0);
    try {
      encode(entry, this);
      buffer.setU32(start, buffer.length - start);
    } catch (error) {
      buffer.length = start + RECORD_HEADER;
      throw error;
    } finally {
      buffer.align();
    }
  }

  await(mode: RecordMode, done: () => void): void {
    if (mode === 'sync') this.whenStable.push(done);
    else this.whenWritten.push(done);
  }
}

/** The bodies of the records in a group's body, in order; empty ones are lost. */
export function recordsIn(body: Buffer, count: number): Buffer[] {
  const records: Buffer[] = [];
  let at = 0;
  while (records.length < count && at + RECORD_HEADER <= body.length) {
    const size = Math.max(RECORD_HEADER, body.readUInt32LE(at));
    records.push(body.subarray(at + RECORD_HEADER, at + size));
    at += Math.ceil(size / 8) * 8;
  }
  return records;
}

/** The body of a frame of contexts: for each its number (u32), its length (u32), and its JSON. */
export function contextsBody(contexts: readonly SegmentContext[]): Buffer {
  return Buffer.concat(
    contexts.flatMap(({ number, json }) => {
      const head = Buffer.alloc(8);
      head.writeUInt32LE(number, 0);
      head.writeUInt32LE(json.length, 4);
      return [head, json];
    }),
  );
}

/** The JSON of each context in such a body, by number. */
export function contextsIn(body: Buffer): Map<number, Buffer> {
  const contexts = new Map<number, Buffer>();
  for (let at = 0; at + 8 <= body.length; ) {
    const [number, length] = [body.readUInt32LE(at), body.readUInt32LE(at + 4)];
    // Zeros up to a multiple of 8.
    if (number === 0) break;
    contexts.set(number, body.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  return contexts;
}
