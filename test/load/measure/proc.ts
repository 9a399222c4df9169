import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts processor time for /proc in hundredths of a second, whatever the machine. */
const TICKS_PER_SECOND = 100;
const [USER, SYSTEM, USER_OF_CHILDREN, SYSTEM_OF_CHILDREN] = [11, 12, 13, 14];

/** Processes with all their descendants. */
export function withChildren(pids: readonly number[]): number[] {
  return pids.flatMap((pid) => [pid, ...withChildren(childrenOf(pid))]);
}

/** Processor seconds that processes and their descendants, living or gone, have used so far. */
export function cpuSeconds(pids: readonly number[]): number {
  return withChildren(pids).reduce((sum, pid) => sum + cpuOf(pid), 0);
}

/** Megabytes in memory of processes with their descendants. */
export function residentMb(pids: readonly number[]): number {
  const of = (pid: number) => /^VmRSS:\s+(\d+) kB/m.exec(textOf(`/proc/${pid}/status`));
  return withChildren(pids).reduce((sum, pid) => sum + Number(of(pid)?.[1] ?? 0) / 1024, 0);
}

/** Seconds of all cores so far, and how many of them went to work, and to others on the same host. */
export function machineSeconds(): { total: number; busy: number; steal: number } {
  const [line = ''] = textOf('/proc/stat').split('\n');
  const seconds = line
    .trim()
    .split(/\s+/)
    .slice(1, 9)
    .map((ticks) => Number(ticks) / TICKS_PER_SECOND);
  const total = seconds.reduce((sum, count) => sum + count, 0);
  const [, , , idle = 0, waiting = 0, , , steal = 0] = seconds;
  return { total, busy: total - idle - waiting - steal, steal };
}

/** Processor seconds of one process and of its children that are gone. */
export function cpuOf(pid: number): number {
  // The name of a process is in parentheses and may hold anything.
  const text = textOf(`/proc/${pid}/stat`);
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = [USER, SYSTEM, USER_OF_CHILDREN, SYSTEM_OF_CHILDREN].map((at) => Number(fields[at] ?? 0));
  return ticks.reduce((sum, count) => sum + count, 0) / TICKS_PER_SECOND;
}

function childrenOf(pid: number): number[] {
  const tasks = listOf(`/proc/${pid}/task`);
  return tasks.flatMap((task) => textOf(`/proc/${pid}/task/${task}/children`).split(' ').filter(Boolean).map(Number));
}

/** Processes end while one looks. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function listOf(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
