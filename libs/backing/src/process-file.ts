import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { partOf } from './part-files.js';
import { isAlive, recordOf, stopProcess, type ProcessRecord } from './process-record.js';

/** What a pid file holds: a process, and who started it. */
interface OwnedProcess extends ProcessRecord {
  readonly owner?: ProcessRecord;
}

/** Thrown when a process that still runs holds what is wanted. */
export class InUseError extends Error {
  override readonly name = 'InUseError';
}

/** Takes a folder for this process by a pid file in it. @throws InUseError when another one that runs has it */
export function claimPidFile(file: string): void {
  const held = readPidFile(file);
  if (held && held.pid !== process.pid && isAlive(held)) throw new InUseError(`process ${held.pid} uses ${file}`);
  writePidFile(file, recordOf(process.pid));
}

/** Whether the process named in the file still runs; undefined when the file names none. */
export function isHeld(file: string): boolean | undefined {
  const held = readPidFile(file);
  return held && isAlive(held);
}

/** Writes down a process that this one has started. */
export function writePidFile(file: string, record: ProcessRecord): void {
  const part = partOf(file);
  writeFileSync(part, JSON.stringify({ ...record, owner: recordOf(process.pid) } satisfies OwnedProcess));
  renameSync(part, file);
}

/**
 * Stops what a killed earlier run left in the pid file, if it is still the same process.
 * @throws InUseError when the one who started it still runs, and is not this process
 */
export async function stopStale(file: string, signal: NodeJS.Signals, timeoutMs: number): Promise<void> {
  const left = readPidFile(file);
  if (left && isAlive(left)) {
    const { owner } = left;
    if (owner && owner.pid !== process.pid && isAlive(owner))
      throw new InUseError(`process ${owner.pid} runs, and uses process ${left.pid} of ${file}: stop that one first`);
    await stopProcess(left, signal, timeoutMs);
  }
  rmSync(file, { force: true });
}

function readPidFile(file: string): OwnedProcess | undefined {
  try {
    const held = JSON.parse(readFileSync(file, 'utf8')) as Partial<OwnedProcess> | null;
    return typeof held?.pid === 'number' && typeof held.started === 'string' ? (held as OwnedProcess) : undefined;
  } catch {
    return undefined;
  }
}
