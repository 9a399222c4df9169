import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { RouteContext } from './recorded-route.js';
import type { Missing, ShipTask } from './ship-messages.js';
import { findFrame, frameAt, frameBytes, type Frame } from './spool-frame.js';
import { contextsIn, recordsIn } from './spool-group.js';

const CHUNK_BYTES = 1024 * 1024;

export interface StoredRecord {
  readonly sequence: number;
  /** Empty where it is lost. */
  readonly body: Buffer;
}

export interface ReadRecords {
  /** In order; none when there are no more in what is to be shipped. */
  readonly records: StoredRecord[];
  readonly missing: Missing[];
}

/** Reads a spool in order, a piece at a time. What one task has read, the next does not read again. */
export class SegmentReader {
  private segment = -1;
  private byte = 0;
  /** The sequence that comes next in the segment. */
  private expected = 0;
  /** The first sequence that was not given out. */
  private given = 0;
  private contexts = new Map<number, RouteContext>();

  contextOf(number: number): RouteContext | undefined {
    return this.contexts.get(number);
  }

  /**
   * The next records of the task.
   * @param from the first sequence that is wanted
   * @throws Error of the file system
   */
  next({ path, segment, through }: ShipTask, from: number): ReadRecords {
    // What was given and has not arrived is asked for again.
    if (segment !== this.segment || from < this.given) this.turnTo(segment);
    const read: ReadRecords = { records: [], missing: [] };
    if (this.expected > through) return read;
    const fd = openSync(path, 'r');
    try {
      for (let wanted = CHUNK_BYTES; wanted > 0 && read.records.length === 0; ) {
        wanted = this.readPiece(fd, wanted, { from, through, read });
      }
    } finally {
      closeSync(fd);
    }
    this.given = (read.records.at(-1)?.sequence ?? from - 1) + 1;
    return read;
  }

  private turnTo(segment: number): void {
    this.segment = segment;
    this.byte = 0;
    this.expected = segment;
    this.contexts = new Map();
  }

  /** @returns the bytes to go on with; 0 at the end */
  private readPiece(fd: number, length: number, to: Reading): number {
    const bytes = readAt(fd, this.byte, length);
    let at = 0;
    while (this.expected <= to.through) {
      const frame = frameAt(bytes, at, this.expected);
      if (typeof frame !== 'object') break;
      // Behind damage there may be one whose time has not come.
      if (frame.first > to.through) break;
      at += frameBytes(frame);
      this.take(frame, to);
    }
    this.byte += at;
    if (at > 0) return this.expected > to.through ? 0 : CHUNK_BYTES;
    return this.goOn(fd, bytes, { asked: length, through: to.through });
  }

  /** Nothing begins here that is to be read: the piece was too short for it, or it is damaged, or this is the end. */
  private goOn(fd: number, bytes: Buffer, { asked, through }: { asked: number; through: number }): number {
    const frame = frameAt(bytes, 0, this.expected);
    const size = fstatSync(fd).size;
    if (typeof frame === 'object') return 0;
    if (typeof frame === 'number' && frame > asked && this.byte + frame <= size) return frame;
    const found = findFrame(readAt(fd, this.byte, size - this.byte), 1, this.expected);
    if (!found || found.frame.first > through) return 0;
    this.byte += found.at;
    return CHUNK_BYTES + frameBytes(found.frame);
  }

  private take({ first, count, lost, body }: Frame, { from, read }: Reading): void {
    if (count === 0) {
      for (const [number, json] of contextsIn(body)) {
        this.contexts.set(number, JSON.parse(json.toString('utf8')) as RouteContext);
      }
      return;
    }
    const wanted = (read.records.at(-1)?.sequence ?? from - 1) + 1;
    if (first > wanted) read.missing.push({ first: wanted, last: first - 1, known: Math.min(lost, first - wanted) });
    for (const [index, record] of recordsIn(body, count).entries()) {
      if (first + index >= from) read.records.push({ sequence: first + index, body: record });
    }
    this.expected = first + count;
  }
}

interface Reading {
  readonly from: number;
  readonly through: number;
  readonly read: ReadRecords;
}

function readAt(fd: number, byte: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, fstatSync(fd).size - byte)));
  return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, byte));
}
