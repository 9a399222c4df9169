import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claimPidFile, InUseError, isHeld, stopStale, writePidFile } from './process-file.js';
import { isAlive, recordOf, type ProcessRecord } from './process-record.js';

let folder: string;
let file: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'baton-pid-'));
  file = join(folder, 'server.pid');
});
afterEach(() => {
  children.splice(0).forEach((child) => child.kill('SIGKILL'));
  rmSync(folder, { recursive: true });
});

function sleeper(): ProcessRecord {
  const child = spawn('sleep', ['60']);
  children.push(child);
  return recordOf(child.pid ?? 0);
}

async function dead(): Promise<ProcessRecord> {
  const child = spawn('sleep', ['60']);
  const record = recordOf(child.pid ?? 0);
  child.kill('SIGKILL');
  await once(child, 'exit');
  return record;
}

function write(server: ProcessRecord, owner?: ProcessRecord): void {
  writeFileSync(file, JSON.stringify({ ...server, owner }));
}

describe('what an earlier run has left', () => {
  it('is stopped when its owner is gone', async () => {
    const server = sleeper();
    write(server, await dead());
    await stopStale(file, 'SIGTERM', 5000);
    expect(isAlive(server)).toBe(false);
    expect(existsSync(file)).toBe(false);
  });

  it('is stopped when this process has started it itself', async () => {
    const server = sleeper();
    writePidFile(file, server);
    await stopStale(file, 'SIGTERM', 5000);
    expect(isAlive(server)).toBe(false);
  });

  it('is left alone while its owner runs', async () => {
    const server = sleeper();
    write(server, sleeper());
    await expect(stopStale(file, 'SIGTERM', 5000)).rejects.toThrow(InUseError);
    expect(isAlive(server)).toBe(true);
    expect(existsSync(file)).toBe(true);
  });

  it('may be gone while its owner runs', async () => {
    write(await dead(), sleeper());
    await stopStale(file, 'SIGTERM', 5000);
    expect(existsSync(file)).toBe(false);
  });

  it.each(['', '{', 'null', '17', '{"pid":"1"}', '{"pid":1}'])('may be no more than %j', async (text) => {
    writeFileSync(file, text);
    await stopStale(file, 'SIGTERM', 5000);
    expect(existsSync(file)).toBe(false);
  });

  it('may be nothing', async () => {
    await expect(stopStale(file, 'SIGTERM', 5000)).resolves.toBeUndefined();
    expect(isHeld(file)).toBeUndefined();
  });
});

describe('a folder that is claimed', () => {
  it('is held by one process at a time', () => {
    write(sleeper());
    expect(() => claimPidFile(file)).toThrow(InUseError);
  });

  it('can be claimed again once the other is gone', async () => {
    write(await dead());
    expect(isHeld(file)).toBe(false);
    claimPidFile(file);
    expect(isHeld(file)).toBe(true);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ pid: process.pid });
    expect(readdirSync(folder)).toEqual(['server.pid']);
  });
});
