import { createLogger } from '@baton/telemetry';
import { open, type FileHandle } from 'node:fs/promises';
import { scanRecords, type ScannedRecords, type SpoolRecord } from './spool-record.js';
import type { SpoolSegments } from './spool-segments.js';

const log = createLogger('prediction-log');
const CHUNK_BYTES = 1024 * 1024;
const HEADER_BYTES = 16;

/** Reads a spool in order, a piece at a time. */
export class SpoolReader {
  private byte = 0;
  private segment: number | undefined;

  constructor(private readonly segments: SpoolSegments) {}

  /** The segment that the next piece comes from, if it has anything. */
  get position(): number | undefined {
    return this.segment;
  }

  /** Turns to the segment with a sequence, unless it stands there or later already. */
  seek(sequence: number): void {
    const holding = this.segments.holding(sequence);
    if (this.segment !== undefined && holding !== undefined && this.segment >= holding) return;
    this.segment = holding;
    this.byte = 0;
  }

  /**
   * The next whole records of the segment, at most `count`, none beyond `through`.
   * @returns undefined at the end of the segment, or where it is damaged
   */
  async next(through: number, count: number): Promise<SpoolRecord[] | undefined> {
    if (this.segment === undefined) return [];
    const handle = await open(this.segments.path(this.segment), 'r');
    try {
      const { records } = await this.piece(handle, count);
      const usable = records.filter(({ sequence }) => sequence <= through);
      this.byte += usable.reduce((bytes, { body }) => bytes + HEADER_BYTES + body.length, 0);
      return records.length === 0 ? undefined : usable;
    } finally {
      await handle.close();
    }
  }

  /** Goes on with the following segment; false when there is none. */
  advance(): boolean {
    const following = this.segment === undefined ? undefined : this.segments.following(this.segment);
    if (following === undefined) return false;
    const left = this.segments.sizeOf(this.segment ?? following) - this.byte;
    if (left > 0)
      log.error('a segment of the spool is damaged: its rest is lost', { segment: this.segment, bytes: left });
    this.segment = following;
    this.byte = 0;
    return true;
  }

  private async piece(handle: FileHandle, count: number): Promise<ScannedRecords> {
    const some = scanRecords(await this.read(handle, CHUNK_BYTES), { count });
    if (some.records.length > 0 || some.wanted <= CHUNK_BYTES) return some;
    return scanRecords(await this.read(handle, some.wanted), { count });
  }

  private async read(handle: FileHandle, length: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(length);
    const { bytesRead } = await handle.read(bytes, 0, length, this.byte);
    return bytes.subarray(0, bytesRead);
  }
}
