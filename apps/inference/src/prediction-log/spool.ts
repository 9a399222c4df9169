import type { RecordMode } from '@baton/contracts';
import { createLogger } from '@baton/telemetry';
import { closeSync, openSync, truncateSync } from 'node:fs';
import { realDisk, type Disk } from './disk.js';
import { KnownLosses } from './known-losses.js';
import type { Missing, ShipTask } from './ship-messages.js';
import { SpareSegment } from './spare-segment.js';
import type { EncodeEntry } from './spool-group.js';
import { readShipped, recover } from './spool-recovery.js';
import { SpoolSegments } from './spool-segments.js';
import { droppedRecords, SpoolWriter } from './spool-writer.js';

const log = createLogger('prediction-log');
/** A spool of fewer segments would drop a large part of itself at once. */
const MIN_SEGMENTS = 4;

export interface SpoolOptions<E> {
  /** Bytes of one segment. */
  readonly segmentBytes: number;
  /** Bytes of all segments; beyond it the oldest are dropped. */
  readonly maxBytes: number;
  readonly encode: EncodeEntry<E>;
  /** Called when there may be more to ship. */
  readonly onStable?: () => void;
  readonly disk?: Disk;
}

/**
 * Records on their way to Kafka, in files of this replica. Sequences are never used twice, kills and power cuts
 * included: only what is on stable storage is shipped, and a new process goes on, in a new segment, after the last whole
 * record.
 *
 * A death of the process costs nothing that was answered. A power cut costs, at mode `write`, at most what was answered
 * in the last 10 ms or since the disk's last sync ended, whichever is longer; at mode `sync`, nothing. What it tears is
 * recognised by checksum and left out; what is whole behind it is kept, so that a loss is a gap in the sequences,
 * unless it is at the very end, where nobody has seen the numbers and they are given again. A byte that turns costs the
 * group that it is in, at most what was answered in one turn of the event loop. The unwritten rest of a segment, zeros
 * or records of before, is taken for nothing else: a frame counts only with its mark, its checksum and a sequence that
 * has not been.
 */
export class Spool<E> {
  private shipped: number;
  /** The segment that is being shipped from. */
  private busy: number | undefined;
  /** Segments before this one are done with. */
  private cursor = 0;
  private isClosed = false;
  private readonly losses = new KnownLosses();
  private readonly writer: SpoolWriter<E>;

  private constructor(
    private readonly segments: SpoolSegments,
    private readonly spare: SpareSegment,
    start: { readonly next: number; readonly shipped: number; readonly disk: Disk },
    private readonly options: SpoolOptions<E>,
    private readonly folder: number,
  ) {
    this.shipped = start.shipped;
    this.writer = new SpoolWriter(segments, spare, start.next, folder, {
      encode: options.encode,
      disk: start.disk,
      segmentBytes: segmentSize(options),
      onGrowth: () => this.keepLimit(),
      onStable: () => options.onStable?.(),
      onLoss: (first, count) => this.losses.add(first, count),
    });
    this.keepLimit();
  }

  static async open<E>(folder: string, options: SpoolOptions<E>): Promise<Spool<E>> {
    const segments = new SpoolSegments(folder);
    const known = readShipped(folder);
    const next = recover(segments, known);
    // It is not written with every step; segments are removed only once they have arrived or were given up.
    const shipped = Math.max(known, (segments.firsts[0] ?? 1) - 1);
    const disk = options.disk ?? realDisk;
    const spare = new SpareSegment(segments, segmentSize(options), disk);
    await spare.prepare();
    return new Spool(segments, spare, { next, shipped, disk }, options, openSync(folder, 'r'));
  }

  /** Records that are not shipped yet. */
  get waiting(): number {
    return Math.max(0, this.writer.sync.stableThrough - this.shipped);
  }

  /** On disk. */
  get bytes(): number {
    return this.segments.bytes + this.spare.bytes;
  }

  /** Share of the limit that is in use. */
  get fullness(): number {
    return this.segments.bytes / this.options.maxBytes;
  }

  /** The last sequence that is done with. */
  get shippedThrough(): number {
    return this.shipped;
  }

  /** Calls back when the record is with the operating system (`write`) or on stable storage (`sync`), or lost. */
  append(entry: E, mode: RecordMode, done: () => void): void {
    if (this.isClosed) {
      droppedRecords.inc({ reason: 'closed' });
      return done();
    }
    this.writer.append(entry, mode, done);
  }

  /** What is to be shipped next: all of one segment that is stable. Undefined when there is nothing, or it is under way. */
  nextTask(): ShipTask | undefined {
    const stable = this.writer.sync.stableThrough;
    if (this.busy !== undefined || this.shipped >= stable) return undefined;
    const segment = Math.max(this.cursor, this.segments.holding(this.shipped + 1) ?? 0);
    const following = this.segments.following(segment);
    const isWhole = following !== undefined && following - 1 <= stable;
    this.busy = segment;
    const path = this.segments.path(segment);
    return { path, segment, from: this.shipped + 1, through: isWhole ? following - 1 : stable, isWhole };
  }

  /** Everything up to the sequence has arrived, or was given up. */
  ship(sequence: number): void {
    this.shipped = Math.max(this.shipped, sequence);
    this.losses.forget(this.shipped);
  }

  /** The task is done with. */
  endTask({ segment, isWhole }: ShipTask): void {
    this.busy = undefined;
    if (isWhole) this.cursor = this.segments.following(segment) ?? this.cursor;
    for (const first of this.segments.firsts) {
      const following = this.segments.following(first);
      const isDone = following !== undefined && (following <= this.cursor || following <= this.shipped + 1);
      if (isDone && first !== this.writer.activeSegment) this.spare.recycle(first);
    }
  }

  /** Counts records that should have been there, but for those that are known to be lost. */
  miss({ first, last, known }: Missing): void {
    const lost = last - first + 1 - Math.max(known, this.losses.within(first, last));
    this.losses.add(first, last - first + 1);
    if (lost <= 0) return;
    droppedRecords.inc({ reason: 'damaged' }, lost);
    log.error('a segment of the spool is damaged: predictions are lost', { lost, first, last });
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.writer.close();
    await this.spare.settled();
    const active = this.writer.activeSegment;
    // The rest was kept free for more.
    truncateSync(this.segments.path(active), this.writer.activeBytes);
    closeSync(this.folder);
  }

  /** Drops the oldest segment that nobody reads, until there is room. */
  private keepLimit(): void {
    while (this.segments.bytes > this.options.maxBytes) {
      const first = this.segments.firsts.find((one) => one !== this.busy && one !== this.writer.activeSegment);
      const following = first === undefined ? undefined : this.segments.following(first);
      if (first === undefined || following === undefined) return;
      const from = Math.max(this.shipped + 1, first);
      const lost = Math.max(0, following - from - this.losses.within(from, following - 1));
      try {
        this.segments.remove(first);
      } catch (error) {
        log.error('the spool is full, and a segment cannot be removed', { segment: first, error });
        return;
      }
      this.losses.add(from, following - from);
      droppedRecords.inc({ reason: 'full' }, lost);
      log.error('the spool is full: the oldest predictions were dropped', { lost, maxBytes: this.options.maxBytes });
    }
  }
}

function segmentSize({ segmentBytes, maxBytes }: Pick<SpoolOptions<never>, 'segmentBytes' | 'maxBytes'>): number {
  return Math.min(segmentBytes, Math.floor(maxBytes / MIN_SEGMENTS));
}
