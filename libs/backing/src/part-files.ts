import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning } from './process-record.js';

/** A name beside the file for what is to become it, never the same twice. */
export function partOf(file: string): string {
  return `${file}.part-${process.pid}-${randomBytes(3).toString('hex')}`;
}

/** Removes the parts of runs that are no more, of the files in the folder whose names begin so. */
export function sweepParts(folder: string, begin: string): void {
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(begin)) continue;
    const pid = /\.part-(\d+)(-[0-9a-f]+)?$/.exec(name)?.[1];
    if (pid && !isRunning(Number(pid))) rmSync(join(folder, name), { recursive: true, force: true });
  }
}
