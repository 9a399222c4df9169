import { existsSync, readdirSync, readFileSync, statSync, truncateSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { writeDurably } from '../data-dir.js';
import { decodeRecords, type DecodedRecord } from './spool-record.js';

/** Segments are named after the first sequence in them, so that their order is that of their names. */
const NAME = /^(\d{16})\.log$/;

export interface Segment {
  readonly first: number;
  readonly path: string;
}

/** The files of a spool: segments, and how far they were shipped. */
export class SpoolFiles {
  constructor(private readonly folder: string) {}

  segments(): Segment[] {
    return readdirSync(this.folder)
      .flatMap((name) => {
        const first = NAME.exec(name)?.[1];
        return first ? [{ first: Number(first), path: join(this.folder, name) }] : [];
      })
      .sort((a, b) => a.first - b.first);
  }

  segment(first: number): Segment {
    return { first, path: join(this.folder, `${String(first).padStart(16, '0')}.log`) };
  }

  /** Its records from a byte on, decoded as they are asked for. */
  *read({ path }: Segment, from = 0): Generator<DecodedRecord> {
    if (existsSync(path)) yield* decodeRecords(readFileSync(path), from);
  }

  /** Cuts off what a write that was interrupted left behind. Gives the last whole record. */
  mend(segment: Segment): DecodedRecord | undefined {
    const last = [...this.read(segment)].at(-1);
    const end = last?.end ?? 0;
    if (statSync(segment.path).size > end) truncateSync(segment.path, end);
    return last;
  }

  remove({ path }: Segment): void {
    unlinkSync(path);
  }

  size(): number {
    return this.segments().reduce((sum, { path }) => sum + statSync(path).size, 0);
  }

  /** The last sequence that is surely on Kafka, or was given up. */
  shipped(): number {
    const file = join(this.folder, 'shipped');
    return existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  }

  writeShipped(sequence: number): void {
    writeDurably(join(this.folder, 'shipped'), String(sequence));
  }
}
