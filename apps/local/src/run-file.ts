import { isAlive, recordOf, stopProcess, type ProcessRecord } from '@baton/backing';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writePrivateJson } from './client-files.js';
import type { RunningChild } from './services.js';

interface RunFile {
  readonly platform: ProcessRecord;
  readonly services: readonly (ProcessRecord & { readonly name: string })[];
}

const FILE = 'run.json';
const STOP_MS = 10_000;

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
  for (const service of earlier?.services ?? []) await stopProcess(service, 'SIGTERM', STOP_MS);
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
