import { claimPidFile, isHeld, stopStale } from '@baton/backing';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'baton-test-';
const OWNER = 'owner.pid';
/** The servers that may run in a folder, and what stops them at once: nobody wants their data any more. */
const SERVERS = [
  { pidFile: 'kafka.pid', signal: 'SIGKILL' },
  { pidFile: 'postgres.pid', signal: 'SIGQUIT' },
] as const;
const STOP_TIMEOUT_MS = 5000;

/** A folder for the servers of this process, which Postgres' own user can reach. */
export function runFolder(among = tmpdir()): string {
  const folder = mkdtempSync(join(among, PREFIX));
  chmodSync(folder, 0o755);
  claimPidFile(join(folder, OWNER));
  return folder;
}

/** Stops the servers of this user's test processes that were killed, and removes their folders. */
export async function sweepRunFolders(among = tmpdir()): Promise<void> {
  for (const name of readdirSync(among)) {
    const folder = join(among, name);
    if (!name.startsWith(PREFIX) || isHeld(join(folder, OWNER)) !== false || !isOurs(folder)) continue;
    for (const { pidFile, signal } of SERVERS) await stopStale(join(folder, pidFile), signal, STOP_TIMEOUT_MS);
    rmSync(folder, { recursive: true, force: true });
  }
}

function isOurs(folder: string): boolean {
  return statSync(folder, { throwIfNoEntry: false })?.uid === process.getuid?.();
}
