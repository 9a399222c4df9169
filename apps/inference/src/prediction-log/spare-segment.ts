import { createLogger } from '@baton/telemetry';
import { existsSync, rmSync, statSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Disk } from './disk.js';
import type { SpoolSegments } from './spool-segments.js';

const log = createLogger('prediction-log');
const ZEROS = Buffer.alloc(1024 * 1024);
const OWNER_ONLY = 0o600;

/**
 * The file that becomes the next segment, made beforehand: a sync of bytes that were written over takes half as long as
 * one of a file that grows. Best is one whose predictions have arrived; zeros are written where there is none.
 */
export class SpareSegment {
  private readonly path: string;
  private size: number;
  private ready = false;
  private making: Promise<void> | undefined;

  constructor(
    private readonly segments: SpoolSegments,
    private readonly segmentBytes: number,
    private readonly disk: Disk,
  ) {
    this.path = join(segments.folder, 'spare');
    this.size = existsSync(this.path) ? statSync(this.path).size : 0;
  }

  /** On disk. */
  get bytes(): number {
    return this.size;
  }

  /** Makes one, unless there is one or it is being made. A disk that has no room for it is no reason to stop. */
  prepare(): Promise<void> {
    if (this.ready) return Promise.resolve();
    this.making ??= this.make().finally(() => (this.making = undefined));
    return this.making;
  }

  /** Resolves when none is being made. */
  async settled(): Promise<void> {
    await this.making;
  }

  /** Gives it the name of a segment. @returns its file descriptor and size; undefined when there is none */
  take(path: string): { fd: number; size: number } | undefined {
    if (!this.ready) return undefined;
    const { size } = this;
    this.ready = false;
    this.size = 0;
    try {
      this.disk.renameSync(this.path, path);
      return { fd: this.disk.openSync(path, 'r+'), size };
    } catch (error) {
      log.warn('the next segment was made beforehand, but cannot be used', { error });
      return undefined;
    }
  }

  /** Keeps a segment that is no longer needed, or removes it. What is in it stays and is never read: its sequences are over. */
  recycle(first: number): void {
    const size = this.segments.sizeOf(first);
    if (this.size > 0 || this.making || size < this.segmentBytes) return this.segments.remove(first);
    this.segments.release(first, this.path);
    this.size = size;
    this.ready = true;
  }

  private async make(): Promise<void> {
    try {
      const handle = await open(this.path, this.size > 0 ? 'r+' : 'w', OWNER_ONLY);
      try {
        if (this.size < this.segmentBytes) await this.fill(handle);
      } finally {
        await handle.close();
      }
      this.ready = true;
    } catch (error) {
      log.warn('there is no room for the next segment yet', { error });
      this.size = 0;
      rmSync(this.path, { force: true });
    }
  }

  private async fill(handle: FileHandle): Promise<void> {
    for (let at = 0; at < this.segmentBytes; ) {
      const length = Math.min(ZEROS.length, this.segmentBytes - at);
      at += (await handle.write(ZEROS, 0, length, at)).bytesWritten;
    }
    await handle.datasync();
    this.size = this.segmentBytes;
  }
}
