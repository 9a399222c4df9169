import { readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Segments are named after the first sequence in them, so that their order is that of their names. */
const NAME = /^(\d{16})\.log$/;

/** The files of a spool, by the first sequence in each. */
export class SpoolSegments {
  private readonly sizes: Map<number, number>;

  constructor(readonly folder: string) {
    const sorted = segmentsIn(folder);
    this.sizes = new Map(sorted.map((first) => [first, statSync(this.path(first)).size]));
  }

  /** Oldest first. */
  get firsts(): number[] {
    return [...this.sizes.keys()];
  }

  /** Bytes of all of them, on disk. */
  get bytes(): number {
    return [...this.sizes.values()].reduce((sum, size) => sum + size, 0);
  }

  path(first: number): string {
    return segmentPath(this.folder, first);
  }

  sizeOf(first: number): number {
    return this.sizes.get(first) ?? 0;
  }

  setSize(first: number, bytes: number): void {
    this.sizes.set(first, bytes);
  }

  remove(first: number): void {
    rmSync(this.path(first), { force: true });
    this.sizes.delete(first);
  }

  /** Gives the file another name, and forgets it. */
  release(first: number, path: string): void {
    renameSync(this.path(first), path);
    this.sizes.delete(first);
  }

  /** The segment that a sequence would be in: the last one that begins at or before it, else the oldest. */
  holding(sequence: number): number | undefined {
    return this.firsts.findLast((first) => first <= sequence) ?? this.firsts[0];
  }

  following(first: number): number | undefined {
    return this.firsts.find((other) => other > first);
  }
}

/** First sequences of the segments in a folder, oldest first. */
export function segmentsIn(folder: string): number[] {
  const firsts = readdirSync(folder).flatMap((name) => NAME.exec(name)?.[1] ?? []);
  return firsts.map(Number).sort((a, b) => a - b);
}

export function segmentPath(folder: string, first: number): string {
  return join(folder, `${String(first).padStart(16, '0')}.log`);
}
