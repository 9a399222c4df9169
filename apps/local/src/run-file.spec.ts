import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AlreadyRunningError, claimHome, recordChildren, releaseHome } from './run-file.js';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'baton-run-'));
});
afterEach(() => rmSync(home, { recursive: true }));

function sleeper() {
  return spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
}

/** As if the platform had been killed: its own record names a process that is gone. */
function forgetPlatform(services: unknown[]): void {
  writeFileSync(join(home, 'run.json'), JSON.stringify({ platform: { pid: 2 ** 22 - 1, started: '1' }, services }));
}

describe('the folder of a platform', () => {
  it('belongs to one process at a time', async () => {
    await claimHome(home);
    await expect(claimHome(home)).rejects.toThrow(AlreadyRunningError);
    releaseHome(home);
    await expect(claimHome(home)).resolves.toBeUndefined();
  });

  it('stops services that a killed run left behind', async () => {
    const child = sleeper();
    const gone = once(child, 'exit');
    await claimHome(home);
    recordChildren(home, [{ name: 'registry', process: child, url: '', logFile: '' }]);
    const record = JSON.parse(await readRun()) as { services: unknown[] };
    forgetPlatform(record.services);
    await claimHome(home);
    await expect(gone).resolves.toEqual([null, 'SIGTERM']);
  });

  it('leaves a stranger alone that has the pid of a former service', async () => {
    const stranger = sleeper();
    forgetPlatform([{ name: 'registry', pid: stranger.pid, started: '1' }]);
    await claimHome(home);
    expect(stranger.exitCode).toBeNull();
    expect(stranger.signalCode).toBeNull();
    stranger.kill();
  });
});

async function readRun(): Promise<string> {
  const { readFile } = await import('node:fs/promises');
  return readFile(join(home, 'run.json'), 'utf8');
}
