import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** How long a killed process may take to go; the kernel may still be writing for it. */
const KILL_TIMEOUT_MS = 10_000;

/** A process as it can be told from a later one with the same pid. */
export interface ProcessRecord {
  readonly pid: number;
  /** When it started, as a text that no other process with this pid has. */
  readonly started: string;
}

/** The record of a process that runs now. */
export function recordOf(pid: number): ProcessRecord {
  return { pid, started: startOf(pid) ?? '' };
}

/** Whether that very process still runs; a zombie does not. */
export function isAlive(record: ProcessRecord): boolean {
  return record.started !== '' && startOf(record.pid) === record.started;
}

/** Whether any process with that pid runs. */
export function isRunning(pid: number): boolean {
  return startOf(pid) !== undefined;
}

/**
 * Sends the signal, waits, and kills after `timeoutMs`. Does nothing to a stranger that has the pid by now.
 * @returns whether it ended without being killed
 * @throws Error when the process belongs to another user, or does not even end when killed
 */
export async function stopProcess(record: ProcessRecord, signal: NodeJS.Signals, timeoutMs: number): Promise<boolean> {
  send(record, signal);
  // A frozen process gets no other signal.
  send(record, 'SIGCONT');
  if (await hasEnded(record, timeoutMs)) return true;
  send(record, 'SIGKILL');
  if (await hasEnded(record, KILL_TIMEOUT_MS)) return false;
  throw new Error(`process ${record.pid} does not end, though it was killed`);
}

function send(record: ProcessRecord, signal: NodeJS.Signals): void {
  if (!isAlive(record)) return;
  try {
    process.kill(record.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return;
    throw new Error(`process ${record.pid} belongs to another user: stop it as that user`, { cause: error });
  }
}

async function hasEnded(record: ProcessRecord, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (isAlive(record)) {
    if (Date.now() > deadline) return false;
    await pause(20);
  }
  return true;
}

function startOf(pid: number): string | undefined {
  return existsSync('/proc/self/stat') ? startByProc(pid) : startByPs(pid);
}

/** Boot, and clock ticks after it (`/proc/<pid>/stat`, field 22: `man 5 proc`). */
function startByProc(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return isGone(state) ? undefined : `${boot}/${String(fields[18])}`;
  } catch {
    return undefined;
  }
}

/** To the second, for systems without `/proc`. */
export function startByPs(pid: number): string | undefined {
  const { stdout } = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
  });
  const [state, ...started] = stdout.trim().split(/\s+/);
  return state === '' || isGone(state) ? undefined : started.join(' ');
}

function isGone(state: string | undefined): boolean {
  return state === undefined || state.startsWith('Z') || state.startsWith('X');
}
