import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** A process as it can be told from a later one with the same pid. */
export interface ProcessRecord {
  readonly pid: number;
  /** Clock ticks after boot at which it started (`/proc/<pid>/stat`, field 22); empty where there is no `/proc`. */
  readonly started: string;
}

/** The record of a process that runs now. */
export function recordOf(pid: number): ProcessRecord {
  return { pid, started: startTicks(pid) ?? '' };
}

/** Whether that very process still runs; a zombie does not. */
export function isAlive(record: ProcessRecord): boolean {
  return startTicks(record.pid) === record.started;
}

/** Sends the signal, waits, and kills after `timeoutMs`. Does nothing to a stranger that has the pid by now. */
export async function stopProcess(record: ProcessRecord, signal: NodeJS.Signals, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  if (isAlive(record)) kill(record.pid, signal);
  while (isAlive(record)) {
    if (Date.now() > deadline) kill(record.pid, 'SIGKILL');
    await pause(20);
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself in between.
  }
}

function startTicks(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return existsSync('/proc/self') ? undefined : withoutProc(pid);
  }
}

/** Systems without `/proc`: alive is all that can be known. */
function withoutProc(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
    return '';
  } catch {
    return undefined;
  }
}
