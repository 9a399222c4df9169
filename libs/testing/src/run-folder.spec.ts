import { isAlive, recordOf, type ProcessRecord } from '@baton/backing';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runFolder, sweepRunFolders } from './run-folder.js';

let among: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  among = mkdtempSync(join(tmpdir(), 'baton-sweep-'));
});
afterEach(() => {
  children.splice(0).forEach((child) => child.kill('SIGKILL'));
  rmSync(among, { recursive: true });
});

function sleeper(): { child: ChildProcess; record: ProcessRecord } {
  const child = spawn('sleep', ['60']);
  children.push(child);
  return { child, record: recordOf(child.pid ?? 0) };
}

async function dead(): Promise<ProcessRecord> {
  const { child, record } = sleeper();
  child.kill('SIGKILL');
  await once(child, 'exit');
  return record;
}

/** A folder of a test process, with the pid files of it and of its servers. */
function folderOf(records: Record<string, ProcessRecord>, name = 'baton-test-x'): string {
  const folder = join(among, name);
  mkdirSync(folder);
  for (const [file, record] of Object.entries(records))
    writeFileSync(join(folder, `${file}.pid`), JSON.stringify({ ...record, owner: records['owner'] }));
  return folder;
}

describe('the folder of a test process', () => {
  it('goes with its servers when the process was killed', async () => {
    const [kafka, postgres] = [sleeper().record, sleeper().record];
    const folder = folderOf({ owner: await dead(), kafka, postgres });
    await sweepRunFolders(among);
    expect([isAlive(kafka), isAlive(postgres), existsSync(folder)]).toEqual([false, false, false]);
  });

  it('stays with its servers while the process runs', async () => {
    const kafka = sleeper().record;
    const folder = folderOf({ owner: sleeper().record, kafka });
    await sweepRunFolders(among);
    expect([isAlive(kafka), existsSync(folder)]).toEqual([true, true]);
  });

  it.each([
    ['nobody has claimed', 'baton-test-y', false],
    ['is named otherwise', 'something-else', true],
  ])('is left alone when it %s', async (_, name, claimed) => {
    const kafka = sleeper().record;
    const folder = folderOf({ kafka, ...(claimed ? { owner: await dead() } : {}) }, name);
    await sweepRunFolders(among);
    expect([isAlive(kafka), existsSync(folder)]).toEqual([true, true]);
  });

  it('is claimed from its beginning', async () => {
    const folder = runFolder(among);
    await sweepRunFolders(among);
    expect(existsSync(folder)).toBe(true);
    expect(statSync(folder).mode & 0o777).toBe(0o755);
  });
});
