import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startServer, whenAnswering, type ServerOptions } from './server-process.js';

let folder: string;
let options: ServerOptions;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'baton-server-'));
  options = {
    name: 'Sleeper',
    command: '/bin/sh',
    args: ['-c', 'exec sleep 60'],
    cwd: '/',
    pidFile: join(folder, 'server.pid'),
    logFile: join(folder, 'server.log'),
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 5000,
  };
});
afterEach(() => rmSync(folder, { recursive: true }));

const saying = (args: string) => ({ ...options, args: ['-c', args], env: { PATH: '/usr/bin:/bin' } });

describe('a server', () => {
  it('is named in its pid file while it runs', async () => {
    const server = startServer(options);
    const written = JSON.parse(readFileSync(options.pidFile, 'utf8')) as unknown;
    expect(written).toMatchObject({ pid: server.pid, owner: { pid: process.pid } });
    expect(server.alive()).toBe(true);
    await expect(server.stop()).resolves.toBe(true);
    expect(server.alive()).toBe(false);
    expect(existsSync(options.pidFile)).toBe(false);
  });

  it('has not ended by itself when it was killed before', async () => {
    const server = startServer(options);
    server.kill('SIGKILL');
    await expect(server.stop()).resolves.toBe(false);
  });

  it('that ends while starting is told with the end of its log', async () => {
    const dying = saying('seq 1 30; echo no disk >&2; exit 3');
    const server = startServer(dying);
    const told = whenAnswering(server, dying, () => false, 10_000);
    await expect(told).rejects.toThrow(/^Sleeper ended while starting.*\n12\n(.*\n)*30\nno disk$/);
  });

  it('that does not answer in time is stopped', async () => {
    const server = startServer(options);
    await expect(whenAnswering(server, options, () => Promise.resolve(false), 50)).rejects.toThrow('does not answer');
    expect(server.alive()).toBe(false);
  });

  it('that cannot be started is told by its command', () => {
    expect(() => startServer({ ...options, command: join(folder, 'none') })).toThrow(join(folder, 'none'));
  });
});
