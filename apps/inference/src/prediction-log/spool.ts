import type { RecordMode } from '@baton/contracts';
import { createLogger } from '@baton/telemetry';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder, writeWhole } from '../durable-files.js';
import { SpoolReader } from './spool-reader.js';
import { scanRecords, type SpoolRecord } from './spool-record.js';
import { SpoolSegments } from './spool-segments.js';
import { droppedRecords, SpoolWriter, type MakeBody } from './spool-writer.js';

const log = createLogger('prediction-log');

export interface SpoolOptions {
  /** Bytes of one segment. */
  readonly segmentBytes: number;
  /** Bytes of all segments; beyond it the oldest are dropped. */
  readonly maxBytes: number;
}

/**
 * Records on their way to Kafka, in files of this replica. Sequences are never used twice, kills and power cuts
 * included: only what is on stable storage is shipped, and a new process goes on after the last whole record.
 */
export class Spool {
  private shipped: number;
  /** The segment that is being read or shipped from. */
  private busy: number | undefined;
  private more = Promise.withResolvers<void>();
  private readonly reader: SpoolReader;
  private readonly writer: SpoolWriter;

  private constructor(
    private readonly segments: SpoolSegments,
    start: {
      readonly active: ConstructorParameters<typeof SpoolWriter>[1];
      readonly next: number;
      readonly shipped: number;
    },
    private readonly options: SpoolOptions,
  ) {
    this.shipped = start.shipped;
    this.reader = new SpoolReader(segments);
    this.writer = new SpoolWriter(segments, start.active, start.next, {
      segmentBytes: options.segmentBytes,
      onGrowth: () => this.keepLimit(),
      onStable: () => this.more.resolve(),
    });
  }

  /** Mends what an interrupted write left, and goes on after the last whole record. */
  static async open(folder: string, options: SpoolOptions): Promise<Spool> {
    const segments = new SpoolSegments(folder);
    const shipped = readShipped(folder);
    const last = segments.firsts.at(-1);
    // The last one may have been made, and nothing written to it.
    const ends = segments.firsts.slice(-2).map((first) => endOf(segments, first));
    const end = ends.at(-1);
    const next = Math.max(shipped + 1, ...ends.map((one) => one.next));
    const isContinued = last !== undefined && end?.next === next;
    if (last !== undefined && end?.byte === 0 && !isContinued) segments.remove(last);
    const first = isContinued ? last : next;
    const handle = await open(segments.path(first), isContinued ? 'r+' : 'w');
    if (isContinued) await handle.truncate(end.byte);
    await handle.datasync();
    syncFolder(folder);
    segments.setSize(first, isContinued ? end.byte : 0);
    return new Spool(segments, { active: { handle, first }, next, shipped }, options);
  }

  /** Records that are not shipped yet. */
  get waiting(): number {
    return Math.max(0, this.writer.stableThrough - this.shipped);
  }

  get bytes(): number {
    return this.segments.bytes;
  }

  /** Resolves when the record is with the operating system (`write`) or on stable storage (`sync`), or lost. */
  append(make: MakeBody, mode: RecordMode): Promise<void> {
    return this.writer.append(make, mode);
  }

  /** The next records to ship, oldest first; empty when all that is stable is shipped. Then `ship` them. */
  async take(count: number): Promise<SpoolRecord[]> {
    while (this.waiting > 0) {
      this.reader.seek(this.shipped + 1);
      this.busy = this.reader.position;
      const records = await this.reader.next(this.writer.stableThrough, count);
      const fresh = records?.filter(({ sequence }) => sequence > this.shipped) ?? [];
      if (fresh.length > 0) return fresh;
      if (records === undefined && !this.reader.advance()) break;
      if (records?.length === 0) break;
    }
    this.busy = undefined;
    return [];
  }

  /** Everything up to the sequence has arrived, or was given up. */
  ship(sequence: number): void {
    this.shipped = sequence;
    this.busy = undefined;
    writeWhole(shippedFile(this.segments.folder), String(sequence));
    for (const first of this.segments.firsts) {
      const following = this.segments.following(first);
      if (following !== undefined && following <= sequence + 1) this.segments.remove(first);
    }
  }

  /** Resolves when there may be more to take. */
  async moreToTake(): Promise<void> {
    await this.more.promise;
    this.more = Promise.withResolvers<void>();
  }

  /** Ends `moreToTake`. */
  wake(): void {
    this.more.resolve();
  }

  close(): Promise<void> {
    return this.writer.close();
  }

  /** Drops the oldest segment that nobody reads, until there is room. */
  private keepLimit(): void {
    while (this.segments.bytes > this.options.maxBytes) {
      const first = this.segments.firsts.find((one) => one !== this.busy && one !== this.writer.activeSegment);
      const following = first === undefined ? undefined : this.segments.following(first);
      if (first === undefined || following === undefined) return;
      const lost = Math.max(0, following - 1 - Math.max(this.shipped, first - 1));
      try {
        this.segments.remove(first);
      } catch (error) {
        log.error('the spool is full, and a segment cannot be removed', { segment: first, error });
        return;
      }
      droppedRecords.inc({ reason: 'full' }, lost);
      log.error('the spool is full: the oldest predictions were dropped', { lost, maxBytes: this.options.maxBytes });
    }
  }
}

/** Where a segment ends that a process may have died on, and the sequence that comes then. */
function endOf(segments: SpoolSegments, first: number): { byte: number; next: number } {
  const path = segments.path(first);
  const { records, end } = scanRecords(readFileSync(path));
  const torn = statSync(path).size - end;
  if (torn > 0) log.warn('an interrupted write is cut off', { segment: first, bytes: torn });
  return { byte: end, next: (records.at(-1)?.sequence ?? first - 1) + 1 };
}

function shippedFile(folder: string): string {
  return join(folder, 'shipped');
}

function readShipped(folder: string): number {
  const file = shippedFile(folder);
  const sequence = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  return Number.isSafeInteger(sequence) && sequence > 0 ? sequence : 0;
}
