import { waitFor } from '@baton/testing';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { HeldRequest, serviceProgram, ServiceProcess } from './service-process.js';

const started: ServiceProcess[] = [];

function start(env: NodeJS.ProcessEnv = {}): ServiceProcess {
  const service = ServiceProcess.start('slow-main.js', env);
  started.push(service);
  return service;
}

const refuses = (url: string) =>
  waitFor(
    () =>
      fetch(`${url}/livez`).then(
        () => undefined,
        () => true,
      ),
    { what: 'refusal of connections' },
  );

afterEach(async () => {
  for (const service of started.splice(0)) {
    service.process.kill('SIGKILL');
    await service.ended();
  }
});

describe("a service's process", () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('ends after %s with what is in flight, and with code 0', async (signal) => {
    const service = start();
    const url = await service.url();
    const slow = fetch(`${url}/v1/slow`);
    await service.said('waiting');
    const release = await HeldRequest.post(url, '/v1/slow/go');
    const readiness = await HeldRequest.get(url, '/readyz');

    service.process.kill(signal);
    await refuses(url);
    const unready = await readiness.finish();
    expect(unready).toContain('503');
    expect(unready).toContain('"service":"stopping"');
    expect(await release.finish()).toContain('"released":1');
    expect(await (await slow).json()).toEqual({ done: true });
    expect(await service.ended()).toBe(0);
  });

  it('cuts what is in flight for too long, and ends with code 0 all the same', async () => {
    const service = start({ SHUTDOWN_TIMEOUT_MS: '300' });
    const url = await service.url();
    const slow = fetch(`${url}/v1/slow`);
    await service.said('waiting');
    service.process.kill('SIGTERM');
    await expect(slow).rejects.toThrow();
    expect(await service.ended()).toBe(0);
  });

  it('ends at once when it is told twice', async () => {
    const service = start({ SHUTDOWN_TIMEOUT_MS: '60000' });
    const url = await service.url();
    const slow = fetch(`${url}/v1/slow`).catch(() => undefined);
    await service.said('waiting');
    service.process.kill('SIGTERM');
    await service.said('slow stops');
    service.process.kill('SIGTERM');
    expect(await service.ended()).toBe(130);
    await slow;
  });

  it('ends with code 0 when it is told so while it starts', async () => {
    const service = start({ START_MS: '60000' });
    await service.said('preparing');
    service.process.kill('SIGTERM');
    expect(await service.ended()).toBe(0);
    expect(service.lines.some(({ message }) => message.includes('listens'))).toBe(false);
  });

  it.each(['exception', 'rejection'])(
    'ends with code 1 after an %s that reached nobody, and tells of it',
    async (how) => {
      const service = start();
      await fetch(`${await service.url()}/v1/slow/crash?how=${how}`, { method: 'POST' }).catch(() => undefined);
      expect(await service.ended()).toBe(1);
      expect(JSON.stringify(service.lines.at(-1))).toContain('"level":"error"');
      expect(JSON.stringify(service.lines.at(-1))).toContain('nobody');
    },
  );

  it('does not start with a wrong environment, and names every variable but no value', async () => {
    const service = start({ PORT: 'hush1', SHUTDOWN_TIMEOUT_MS: 'hush2', LOG_LEVEL: 'hush3' });
    expect(await service.ended()).toBe(1);
    for (const name of ['PORT', 'SHUTDOWN_TIMEOUT_MS', 'LOG_LEVEL']) expect(service.stderr).toContain(name);
    expect(service.stderr + JSON.stringify(service.lines)).not.toContain('hush');
    expect(service.stderr).not.toContain('    at ');
  });

  it('does not start on a port that is taken, and says so', async () => {
    const { port } = new URL(await start().url());
    const second = start({ PORT: port });
    expect(await second.ended()).toBe(1);
    expect(JSON.stringify(second.lines)).toContain('EADDRINUSE');
  });

  it('finishes and ends when its parent dies, although nobody reads its log any more', async () => {
    // The parent starts it with an IPC channel and hands its log on; it is the one to be killed.
    const script = `
      const { spawn } = require('node:child_process');
      const child = spawn(process.execPath, ${JSON.stringify([serviceProgram('slow-main.js')])}, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
      child.stdout.pipe(process.stdout);
      console.log(JSON.stringify({ message: 'child', pid: child.pid }));
    `;
    const parent = spawn(process.execPath, ['-e', script], {
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let log = '';
    parent.stdout.on('data', (part: Buffer) => (log += part.toString()));
    const [, pid] = await waitFor(() => /"child","pid":(\d+)/.exec(log) ?? undefined);
    const [, url = ''] = await waitFor(() => /"slow listens","url":"([^"]+)"/.exec(log) ?? undefined, {
      timeoutMs: 30_000,
    });
    const slow = fetch(`${url}/v1/slow`);
    await waitFor(() => (log.includes('"waiting"') ? true : undefined));
    const release = await HeldRequest.post(url, '/v1/slow/go');

    parent.kill('SIGKILL');
    await once(parent, 'exit');
    await refuses(url);
    expect(await release.finish()).toContain('"released":1');
    expect(await (await slow).json()).toEqual({ done: true });
    await waitFor(() => (isRunning(Number(pid)) ? undefined : true), { what: 'end of the orphan' });
  });
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
