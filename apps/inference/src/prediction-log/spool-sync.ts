import { counter, createLogger } from '@baton/telemetry';
import type { Disk } from './disk.js';

const log = createLogger('prediction-log');
/** A record of mode `write` is on stable storage within this time. */
const SYNC_WITHIN_MS = 10;
const RETRY_MS = 1000;

const unsyncedAnswers = counter(
  'prediction_log_unsynced_total',
  'Answers given without a record on stable storage, against the policy: the disk could not sync',
);

interface Pending {
  readonly through: number;
  readonly done: readonly (() => void)[];
}

/** Brings what is written to stable storage: one sync at a time, which covers what was written before it began. */
export class SpoolSync {
  private written: number;
  private stable: number;
  private isRunning = false;
  private timer: NodeJS.Timeout | undefined;
  private pending: Pending[] = [];
  /** Files that were written before the active one. */
  private readonly retired: { readonly fd: number; hasFailed: boolean }[] = [];
  private isFolderNew = false;
  private whenIdle: (() => void) | undefined;

  /** @param through what is on stable storage already */
  constructor(
    through: number,
    private readonly files: {
      readonly disk: Disk;
      readonly folder: number;
      readonly active: () => number;
      readonly onStable: () => void;
    },
  ) {
    this.written = through;
    this.stable = through;
  }

  get stableThrough(): number {
    return this.stable;
  }

  /** @param whenStable who waits for it; nobody, then a while is early enough */
  wrote(through: number, whenStable: readonly (() => void)[]): void {
    this.written = through;
    if (whenStable.length > 0) {
      this.pending.push({ through, done: whenStable });
      this.start();
    } else {
      this.startWithin(SYNC_WITHIN_MS);
    }
  }

  /** Another file is written from now on, so that a sync of it alone would not cover everything. */
  retire(fd: number): void {
    this.retired.push({ fd, hasFailed: false });
    this.isFolderNew = true;
  }

  /** Resolves when everything is stable, or the disk cannot do it. */
  async finish(): Promise<void> {
    if (this.written > this.stable || this.retired.length > 0) {
      await new Promise<void>((done) => {
        this.whenIdle = done;
        this.start();
      });
    }
    clearTimeout(this.timer);
    for (const { fd } of this.retired) this.files.disk.closeSync(fd);
  }

  private startWithin(milliseconds: number): void {
    this.timer ??= setTimeout(() => this.start(), milliseconds);
  }

  private start(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    // What comes while it runs is seen to at its end.
    if (this.isRunning) return;
    this.isRunning = true;
    this.syncNext(this.written);
  }

  /** Older files first, then the folder with their names, then the active file. */
  private syncNext(through: number): void {
    const { disk, folder, active } = this.files;
    const [old] = this.retired;
    if (old) {
      disk.fdatasync(old.fd, (error) => {
        if (error && !old.hasFailed) {
          old.hasFailed = true;
          return this.failed(error);
        }
        // A file that fails twice will not get better: what it lost is told when it is read.
        if (error) log.error('a segment could not be synced', { error });
        this.retired.shift();
        disk.closeSync(old.fd);
        this.syncNext(through);
      });
    } else if (this.isFolderNew) {
      this.isFolderNew = false;
      disk.fsync(folder, (error) => {
        if (!error) return this.syncNext(through);
        this.isFolderNew = true;
        this.failed(error);
      });
    } else {
      disk.fdatasync(active(), (error) => (error ? this.failed(error) : this.succeeded(through)));
    }
  }

  private succeeded(through: number): void {
    this.stable = through;
    this.isRunning = false;
    const ready = this.pending;
    this.pending = [];
    // The next sync is under way while the answers go out.
    if (this.written > through) this.startNext(ready);
    for (const { through: last, done } of ready) if (last <= through) release(done);
    this.files.onStable();
    if (!this.isRunning) this.idle();
  }

  private startNext(ready: readonly Pending[]): void {
    this.pending = ready.filter(({ through }) => through > this.stable);
    if (this.pending.length > 0 || this.whenIdle) this.start();
    else this.startWithin(SYNC_WITHIN_MS);
  }

  private failed(error: Error): void {
    log.error('predictions could not be synced', { error });
    this.isRunning = false;
    const waiting = this.pending;
    this.pending = [];
    // They have waited for it in vain; it is tried again.
    for (const { done } of waiting) {
      unsyncedAnswers.inc(done.length);
      release(done);
    }
    if (!this.isRunning) this.startWithin(RETRY_MS);
    this.idle();
  }

  private idle(): void {
    this.whenIdle?.();
    this.whenIdle = undefined;
  }
}

/** Somebody's answer that fails must not keep the others from theirs. */
export function release(done: readonly (() => void)[]): void {
  for (const tell of done) {
    try {
      tell();
    } catch (error) {
      log.error('an answer could not be given', { error });
    }
  }
}
