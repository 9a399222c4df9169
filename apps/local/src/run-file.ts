import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { writePrivateJson } from './client-files.js';
import type { RunningChild } from './services.js';

/** A process as it can be told from a later one with the same pid. */
interface ProcessRecord {
  readonly pid: number;
  /** Clock ticks after boot at which it started (`/proc/<pid>/stat`, field 22); empty where there is no `/proc`. */
  readonly started: string;
}

interface RunFile {
  readonly platform: ProcessRecord;
  readonly services: readonly (ProcessRecord & { readonly name: string })[];
}

const FILE = 'run.json';

/** Thrown when a platform runs in this folder already. */
export class AlreadyRunningError extends Error {
  override readonly name = 'AlreadyRunningError';
}

/**
 * Takes the folder for this process. Services that a killed earlier run left behind are stopped: only those that it
 * wrote down, and only if they are still the same processes.
 * @throws AlreadyRunningError
 */
export async function claimHome(home: string): Promise<void> {
  const earlier = readRun(home);
  if (earlier && isAlive(earlier.platform)) {
    throw new AlreadyRunningError(
      `a platform runs in ${home} already (process ${earlier.platform.pid}): use it, stop it, or set BATON_HOME to another folder`,
    );
  }
  for (const service of earlier?.services ?? []) await stopLeftover(service);
  writePrivateJson(home, FILE, { platform: recordOf(process.pid), services: [] } satisfies RunFile);
}

/** Writes down the services, so that a later run can stop them if this process is killed. */
export function recordChildren(home: string, children: readonly RunningChild[]): void {
  const services = children.flatMap(({ name, process: child }) =>
    child.pid === undefined ? [] : [{ name, ...recordOf(child.pid) }],
  );
  writePrivateJson(home, FILE, { platform: recordOf(process.pid), services } satisfies RunFile);
}

export function releaseHome(home: string): void {
  rmSync(join(home, FILE), { force: true });
}

function readRun(home: string): RunFile | undefined {
  const file = join(home, FILE);
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as RunFile;
  } catch {
    return undefined;
  }
}

async function stopLeftover(service: ProcessRecord): Promise<void> {
  const deadline = Date.now() + 10_000;
  if (isAlive(service)) process.kill(service.pid, 'SIGTERM');
  while (isAlive(service)) {
    if (Date.now() > deadline) process.kill(service.pid, 'SIGKILL');
    await pause(50);
  }
}

function recordOf(pid: number): ProcessRecord {
  return { pid, started: startTicks(pid) ?? '' };
}

function isAlive(record: ProcessRecord): boolean {
  const now = startTicks(record.pid);
  return now !== undefined && now === record.started;
}

/** When the process started, or undefined when there is none (a zombie counts as none). */
function startTicks(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return existsSync('/proc') ? undefined : withoutProc(pid);
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
