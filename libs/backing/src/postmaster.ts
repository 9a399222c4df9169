import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { recordOf, stopProcess } from './process-record.js';

/** What `postmaster.pid` tells; its lines are listed in Postgres' `src/include/utils/pidfile.h`. */
export interface Postmaster {
  readonly pid: number;
  readonly ready: boolean;
}

export function readPostmaster(dataDir: string): Postmaster | undefined {
  try {
    return parsePostmaster(readFileSync(join(dataDir, 'postmaster.pid'), 'utf8'));
  } catch {
    return undefined;
  }
}

/** A stand-alone backend writes its pid negated. */
export function parsePostmaster(text: string): Postmaster | undefined {
  const lines = text.split('\n');
  const pid = Math.abs(Number(lines[0]));
  return Number.isInteger(pid) && pid > 0 ? { pid, ready: lines[7]?.trim() === 'ready' } : undefined;
}

/** Stops a postmaster that runs on the data though nobody wrote it down, but no stranger that has its pid by now. */
export async function stopStalePostmaster(dataDir: string, timeoutMs: number): Promise<void> {
  const left = readPostmaster(dataDir);
  if (!left || !argumentsOf(left.pid).includes(dataDir)) return;
  const record = recordOf(left.pid);
  signalBackends(left.pid, 'SIGCONT');
  await stopProcess(record, 'SIGINT', timeoutMs);
}

/** Signals what the postmaster has started: each of them leads a process group of its own. */
export function signalBackends(postmaster: number, signal: NodeJS.Signals): void {
  for (const pid of childrenOf(postmaster)) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended by itself in between.
    }
  }
}

function childrenOf(parent: number): number[] {
  return processes().filter((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent;
    } catch {
      return false;
    }
  });
}

function processes(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

function argumentsOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
