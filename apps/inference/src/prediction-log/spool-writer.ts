import type { RecordMode } from '@baton/contracts';
import { counter, createLogger } from '@baton/telemetry';
import type { Disk } from './disk.js';
import { SpareSegment } from './spare-segment.js';
import { makeFrame, sealFrame } from './spool-frame.js';
import { contextsBody, SpoolGroup, type EncodeEntry } from './spool-group.js';
import type { SpoolSegments } from './spool-segments.js';
import { release, SpoolSync } from './spool-sync.js';

const log = createLogger('prediction-log');
const OWNER_ONLY = 0o600;
/** A write that takes longer is not one into memory: the disk holds it up. */
const SLOW_MS = 5;
/** For so long nobody waits for such a disk on the event loop. */
const CAREFUL_MS = 5000;
const LARGE_WRITE = 1024 * 1024;
const TELL_EVERY_MS = 1000;
/** Everything in a segment hangs on its contexts, so that one byte that turns must not cost them all. */
const CONTEXT_COPIES = 2;

export const droppedRecords = counter('prediction_log_dropped_total', 'Predictions that will not reach Kafka', [
  'reason',
]);

export interface WriterOptions<E> {
  readonly segmentBytes: number;
  readonly encode: EncodeEntry<E>;
  readonly disk: Disk;
  /** Another segment has begun. */
  readonly onGrowth: () => void;
  readonly onStable: () => void;
  /** Sequences that the disk did not take. */
  readonly onLoss: (first: number, count: number) => void;
}

/** The segment that is being written. */
interface ActiveSegment {
  readonly fd: number;
  readonly first: number;
  /** Bytes written to it. */
  size: number;
  /** How often each context is in it, by number. */
  readonly contexts: Map<number, number>;
  isBad: boolean;
}

/**
 * Appends records in groups without a timer: the answers of a batch are one write. A write into the page
 * cache takes 2–3 µs, a quarter of what handing it to a thread costs, so it happens on the loop, for as long as the disk
 * is quick. Syncing goes on beside it. What the disk does not take is counted and its sequences are used up: the gap
 * tells readers of the loss, and callers get their answers.
 */
export class SpoolWriter<E> {
  readonly sync: SpoolSync;
  private filling = new SpoolGroup();
  private readonly free: SpoolGroup[] = [];
  private isScheduled = false;
  private isWriting = false;
  private carefulUntil = 0;
  private active: ActiveSegment;
  /** Sequences that were used up in vain since the last group. */
  private lost = 0;
  private untold = { lost: 0, since: 0 };
  private whenWritten: (() => void) | undefined;
  private readonly commitNow = () => this.commit();

  /** @param next the sequence that comes next, and names the first segment */
  constructor(
    private readonly segments: SpoolSegments,
    private readonly spare: SpareSegment,
    private next: number,
    folder: number,
    private readonly options: WriterOptions<E>,
  ) {
    this.active = this.open(next);
    const { disk, onStable } = options;
    this.sync = new SpoolSync(next - 1, { disk, folder, onStable, active: () => this.active.fd });
  }

  /** The segment that is being written. */
  get activeSegment(): number {
    return this.active.first;
  }

  /** Calls back when the record is with the operating system (`write`) or on stable storage (`sync`), or lost. */
  append(entry: E, mode: RecordMode, done: () => void): void {
    const group = this.filling;
    group.await(mode, done);
    try {
      group.add(entry, this.options.encode);
    } catch (error) {
      droppedRecords.inc({ reason: 'encoding' });
      log.error('a prediction could not be recorded and is lost', { error });
    }
    if (this.isScheduled || this.isWriting) return;
    this.isScheduled = true;
    // The other answers of this batch come along; in the next turn they would only meet those of another one.
    process.nextTick(this.commitNow);
  }

  async close(): Promise<void> {
    this.commit();
    if (this.isWriting) await new Promise<void>((done) => (this.whenWritten = done));
    await this.sync.finish();
    this.options.disk.closeSync(this.active.fd);
  }

  /** Bytes of the active segment that are in use. */
  get activeBytes(): number {
    return this.active.size;
  }

  private commit(): void {
    this.isScheduled = false;
    const group = this.filling;
    if (this.isWriting || group.count === 0) return;
    this.filling = this.free.pop() ?? new SpoolGroup();
    const first = this.next;
    this.next += group.count;
    try {
      const bytes = this.framed(group, first);
      if (performance.now() < this.carefulUntil || bytes.length > LARGE_WRITE)
        return this.writeAside(group, first, bytes);
      this.writeNow(bytes);
      this.written(group, first, bytes.length);
    } catch (error) {
      this.lose(group, first, error);
    }
  }

  /** The bytes of a group, after the contexts that its segment does not have yet. */
  private framed(group: SpoolGroup, first: number): Buffer {
    const bytes = group.buffer.written;
    sealFrame(bytes, { first, count: group.count, lost: this.lost });
    const { size, isBad } = this.active;
    if (size > 0 && (isBad || size + bytes.length > this.options.segmentBytes)) this.rotate(first);
    const missing = group.contexts.filter(({ number }) => (this.active.contexts.get(number) ?? 0) < CONTEXT_COPIES);
    if (missing.length === 0) return bytes;
    return Buffer.concat([makeFrame(contextsBody(missing), { first, count: 0, lost: 0 }), bytes]);
  }

  private writeNow(bytes: Buffer): void {
    const { fd, size } = this.active;
    const began = performance.now();
    for (let done = 0; done < bytes.length; ) {
      done += this.options.disk.writeSync(fd, bytes, done, bytes.length - done, size + done);
    }
    this.watch(began);
  }

  private writeAside(group: SpoolGroup, first: number, bytes: Buffer): void {
    this.isWriting = true;
    const began = performance.now();
    const { fd, size } = this.active;
    const end = (error: Error | null) => {
      this.isWriting = false;
      this.watch(began);
      if (error) this.lose(group, first, error);
      else this.written(group, first, bytes.length);
      this.commit();
      if (this.isWriting) return;
      this.whenWritten?.();
    };
    const go = (done: number) => {
      this.options.disk.write(fd, bytes, done, bytes.length - done, size + done, (error, count) => {
        if (error || done + count === bytes.length) end(error);
        else go(done + count);
      });
    };
    go(0);
  }

  private watch(began: number): void {
    const now = performance.now();
    if (now - began > SLOW_MS) this.carefulUntil = now + CAREFUL_MS;
  }

  private written(group: SpoolGroup, first: number, bytes: number): void {
    const { active } = this;
    active.size += bytes;
    if (active.size > this.segments.sizeOf(active.first)) this.segments.setSize(active.first, active.size);
    for (const { number } of group.contexts) {
      const copies = active.contexts.get(number) ?? 0;
      if (copies < CONTEXT_COPIES) active.contexts.set(number, copies + 1);
    }
    this.lost = 0;
    this.sync.wrote(first + group.count - 1, group.whenStable);
    release(group.whenWritten);
    this.reuse(group);
    if (active.size * 2 > this.options.segmentBytes) void this.spare.prepare();
  }

  private lose(group: SpoolGroup, first: number, error: unknown): void {
    const { count } = group;
    this.active.isBad = true;
    this.lost += count;
    droppedRecords.inc({ reason: 'disk' }, count);
    this.options.onLoss(first, count);
    this.tell(count, error);
    release(group.whenWritten);
    release(group.whenStable);
    this.reuse(group);
  }

  /** A full disk fails a thousand times a second. */
  private tell(count: number, error: unknown): void {
    this.untold.lost += count;
    const now = performance.now();
    if (now - this.untold.since < TELL_EVERY_MS) return;
    log.error('predictions could not be recorded and are lost', { lost: this.untold.lost, error });
    this.untold = { lost: 0, since: now };
  }

  private reuse(group: SpoolGroup): void {
    group.clear();
    this.free.push(group);
  }

  private rotate(first: number): void {
    const old = this.active;
    this.active = this.open(first);
    this.sync.retire(old.fd);
    this.options.onGrowth();
  }

  private open(first: number): ActiveSegment {
    const path = this.segments.path(first);
    const made = this.spare.take(path) ?? { fd: this.options.disk.openSync(path, 'w', OWNER_ONLY), size: 0 };
    this.segments.setSize(first, made.size);
    return { fd: made.fd, first, size: 0, contexts: new Map(), isBad: false };
  }
}
