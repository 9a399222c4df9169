import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Segments are named after the first sequence in them, so that their order is that of their names. */
const NAME = /^(\d{16})\.log$/;

/** The files of a spool, by the first sequence in each. */
export class SpoolSegments {
  private readonly sizes: Map<number, number>;

  constructor(readonly folder: string) {
    const firsts = readdirSync(folder).flatMap((name) => NAME.exec(name)?.[1] ?? []);
    const sorted = firsts.map(Number).sort((a, b) => a - b);
    this.sizes = new Map(sorted.map((first) => [first, statSync(this.path(first)).size]));
  }

  /** Oldest first. */
  get firsts(): number[] {
    return [...this.sizes.keys()];
  }

  /** Bytes of all of them. */
  get bytes(): number {
    return [...this.sizes.values()].reduce((sum, size) => sum + size, 0);
  }

  path(first: number): string {
    return join(this.folder, `${String(first).padStart(16, '0')}.log`);
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

  /** The segment that a sequence would be in: the last one that begins at or before it, else the oldest. */
  holding(sequence: number): number | undefined {
    return this.firsts.findLast((first) => first <= sequence) ?? this.firsts[0];
  }

  following(first: number): number | undefined {
    return this.firsts.find((other) => other > first);
  }
}
