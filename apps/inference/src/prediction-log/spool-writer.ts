import type { RecordMode } from '@baton/contracts';
import { counter, createLogger } from '@baton/telemetry';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { syncFolder } from '../durable-files.js';
import { encodeRecord } from './spool-record.js';
import type { SpoolSegments } from './spool-segments.js';

const log = createLogger('prediction-log');
/** A record of mode `write` is on stable storage within this time. */
const SYNC_WITHIN_MS = 10;

export const droppedRecords = counter('prediction_log_dropped_total', 'Predictions that will not reach Kafka', [
  'reason',
]);

/** Builds a record's body, with the sequence that it gets. */
export type MakeBody = (sequence: number) => Buffer;

interface Waiting {
  readonly make: MakeBody;
  readonly mode: RecordMode;
  readonly done: () => void;
}

/**
 * Appends records in groups without a timer: what is waiting is one write, and what comes meanwhile is the next.
 * Syncing goes on beside it, so that a record of mode `write` waits for no disk. What the disk does not take is counted
 * and its sequences are used up: the gap tells readers of the loss, and callers get their answers.
 */
export class SpoolWriter {
  private queue: Waiting[] = [];
  private writing: Promise<void> | undefined;
  private syncing: Promise<void> | undefined;
  private syncTimer: NodeJS.Timeout | undefined;
  private unsynced: { sequence: number; done: () => void }[] = [];
  private written: number;
  private stable: number;

  /**
   * @param handle of the segment `first`, all of which is on stable storage
   * @param next the sequence that comes next
   */
  constructor(
    private readonly segments: SpoolSegments,
    private active: { handle: FileHandle; first: number },
    private next: number,
    private readonly options: {
      readonly segmentBytes: number;
      readonly onGrowth: () => void;
      readonly onStable: () => void;
    },
  ) {
    this.written = next - 1;
    this.stable = next - 1;
  }

  /** The last sequence on stable storage. */
  get stableThrough(): number {
    return this.stable;
  }

  /** The segment that is being written. */
  get activeSegment(): number {
    return this.active.first;
  }

  /** Resolves when the record is with the operating system (`write`) or on stable storage (`sync`), or lost. */
  append(make: MakeBody, mode: RecordMode): Promise<void> {
    return new Promise((done) => {
      this.queue.push({ make, mode, done });
      this.writing ??= this.writeAll();
    });
  }

  async close(): Promise<void> {
    await this.writing;
    clearTimeout(this.syncTimer);
    await this.sync();
    await this.active.handle.close();
  }

  private async writeAll(): Promise<void> {
    // The other answers of this turn come along.
    await new Promise((done) => setImmediate(done));
    while (this.queue.length > 0) {
      const group = this.queue;
      this.queue = [];
      const first = this.next;
      this.next += group.length;
      try {
        await this.writeGroup(group, first);
      } catch (error) {
        droppedRecords.inc({ reason: 'disk' }, group.length);
        log.error('predictions could not be recorded and are lost', { lost: group.length, error });
        for (const { done } of group) done();
      }
    }
    this.writing = undefined;
  }

  private async writeGroup(group: readonly Waiting[], first: number): Promise<void> {
    const bytes = Buffer.concat(
      group.map(({ make }, index) => encodeRecord({ sequence: first + index, body: make(first + index) })),
    );
    if (this.segments.sizeOf(this.active.first) >= this.options.segmentBytes) await this.rotate(first);
    await this.write(bytes);
    this.written = first + group.length - 1;
    this.options.onGrowth();
    for (const { mode, done } of group) {
      if (mode === 'sync') this.unsynced.push({ sequence: this.written, done });
      else done();
    }
    if (this.unsynced.length > 0) void this.sync();
    else this.syncTimer ??= setTimeout(() => void this.sync(), SYNC_WITHIN_MS);
  }

  private async write(bytes: Buffer): Promise<void> {
    const { handle, first } = this.active;
    const start = this.segments.sizeOf(first);
    try {
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, start + done);
        done += bytesWritten;
      }
      this.segments.setSize(first, start + bytes.length);
    } catch (error) {
      // What was written of it must not stand before the next group.
      await handle.truncate(start).catch(() => undefined);
      throw error;
    }
  }

  /** The old segment is stable before the new one is written, so that a sync of the new one covers everything. */
  private async rotate(first: number): Promise<void> {
    const handle = await open(this.segments.path(first), 'w');
    try {
      await this.active.handle.datasync();
      syncFolder(this.segments.folder);
    } catch (error) {
      await handle.close();
      // A later start would take it for where to go on.
      await rm(this.segments.path(first), { force: true });
      throw error;
    }
    const old = this.active;
    this.segments.setSize(first, 0);
    this.active = { handle, first };
    await old.handle.close();
  }

  /** One sync at a time; it covers what was written before it began. */
  private async sync(): Promise<void> {
    clearTimeout(this.syncTimer);
    this.syncTimer = undefined;
    while (this.syncing) await this.syncing;
    if (this.stable === this.written) return this.release();
    this.syncing = this.syncOnce();
    await this.syncing;
    this.syncing = undefined;
    if (this.unsynced.length > 0) await this.sync();
  }

  private async syncOnce(): Promise<void> {
    const through = this.written;
    try {
      await this.active.handle.datasync();
      this.stable = through;
    } catch (error) {
      log.error('predictions could not be synced', { error });
      // Callers have waited for it in vain; it is tried again with the next record.
      for (const { done } of this.unsynced.splice(0)) done();
    }
    this.release();
  }

  private release(): void {
    const ready = this.unsynced.filter(({ sequence }) => sequence <= this.stable);
    this.unsynced = this.unsynced.filter(({ sequence }) => sequence > this.stable);
    for (const { done } of ready) done();
    this.options.onStable();
  }
}
