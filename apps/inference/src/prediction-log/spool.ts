import type { RecordMode } from '@baton/contracts';
import { open, type FileHandle } from 'node:fs/promises';
import { SpoolFiles } from './spool-files.js';
import { encodeRecord, type SpoolRecord } from './spool-record.js';

const SEGMENT_BYTES = 8 * 1024 * 1024;
/** A record of mode `write` is on stable storage within this time. */
const SYNC_WITHIN_MS = 10;

interface Waiting {
  /** Builds the record, with the sequence it gets. */
  readonly make: (sequence: number) => SpoolRecord;
  readonly mode: RecordMode;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Predictions on their way to Kafka, in files of this replica. Sequences have no gap and are never used twice: they
 * are given at the write, a write that failed is undone, and nothing is shipped before it is on stable storage.
 */
export class Spool {
  private waiting: Waiting[] = [];
  private writing: Promise<void> | undefined;
  private handle: FileHandle | undefined;
  private segmentFirst: number;
  private segmentBytes = 0;
  private next: number;
  private written: number;
  private stable: number;
  private syncTimer: NodeJS.Timeout | undefined;
  private readonly listeners = new Set<() => void>();

  /** Mends what an interrupted write left, and goes on after the last whole record. */
  constructor(readonly files: SpoolFiles) {
    const segments = files.segments();
    const last = segments.map((segment) => files.mend(segment)?.record.data.sequence ?? 0).at(-1) ?? 0;
    const before = segments.at(-1);
    this.written = Math.max(files.shipped(), last, before ? before.first - 1 : 0);
    this.stable = this.written;
    this.next = this.written + 1;
    this.segmentFirst = this.next;
  }

  /** The last sequence on stable storage: what may be shipped. */
  get stableThrough(): number {
    return this.stable;
  }

  /** First sequence of the segment that is being written; undefined before the first write. */
  get activeSegment(): number | undefined {
    return this.handle ? this.segmentFirst : undefined;
  }

  /** Calls back whenever more is stable. */
  onStable(listener: () => void): void {
    this.listeners.add(listener);
  }

  /** Resolves when the record is with the operating system (`write`) or on stable storage (`sync`). */
  append(make: (sequence: number) => SpoolRecord, mode: RecordMode): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ make, mode, resolve, reject });
      this.writing ??= this.writeAll();
    });
  }

  async close(): Promise<void> {
    await this.writing;
    clearTimeout(this.syncTimer);
    if (this.handle) await this.sync();
    await this.handle?.close();
    this.handle = undefined;
  }

  /** Whatever comes while a group is written is the next group. */
  private async writeAll(): Promise<void> {
    while (this.waiting.length > 0) {
      const group = this.waiting;
      this.waiting = [];
      try {
        await this.writeGroup(group);
        for (const { resolve } of group) resolve();
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    this.writing = undefined;
  }

  private async writeGroup(group: readonly Waiting[]): Promise<void> {
    const first = this.next;
    const bytes = Buffer.concat(group.map(({ make }, index) => encodeRecord(make(first + index))));
    const handle = await this.segmentFor(bytes.length);
    try {
      await writeFully(handle, bytes, this.segmentBytes);
      if (group.some(({ mode }) => mode === 'sync')) await handle.datasync();
    } catch (error) {
      await handle.truncate(this.segmentBytes).catch(() => undefined);
      throw error;
    }
    this.segmentBytes += bytes.length;
    this.next = first + group.length;
    this.written = this.next - 1;
    if (group.some(({ mode }) => mode === 'sync')) this.markStable(this.written);
    else this.syncTimer ??= setTimeout(() => void this.sync(), SYNC_WITHIN_MS);
  }

  private async segmentFor(bytes: number): Promise<FileHandle> {
    if (this.handle && this.segmentBytes + bytes <= SEGMENT_BYTES) return this.handle;
    if (this.handle) {
      await this.sync();
      await this.handle.close();
    }
    this.segmentFirst = this.next;
    this.segmentBytes = 0;
    this.handle = await open(this.files.segment(this.next).path, 'w');
    return this.handle;
  }

  private async sync(): Promise<void> {
    clearTimeout(this.syncTimer);
    this.syncTimer = undefined;
    const through = this.written;
    await this.handle?.datasync();
    this.markStable(through);
  }

  private markStable(sequence: number): void {
    this.stable = Math.max(this.stable, sequence);
    for (const listener of this.listeners) listener();
  }
}

async function writeFully(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}
