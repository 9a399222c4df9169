import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { isAlive, isRunning, recordOf, startByPs, stopProcess } from './process-record.js';

const children: ChildProcess[] = [];
afterEach(() => children.splice(0).forEach((child) => child.kill('SIGKILL')));

/** A process that runs the script, once it has said that it does. */
async function running(script = ''): Promise<{ child: ChildProcess; pid: number; exit: Promise<unknown[]> }> {
  const source = `${script}; setInterval(() => {}, 1000); process.stdout.write('on')`;
  const child = spawn(process.execPath, ['-e', source], { stdio: ['ignore', 'pipe', 'ignore'] });
  children.push(child);
  await once(child.stdout, 'data');
  return { child, pid: child.pid ?? 0, exit: once(child, 'exit') };
}

describe('the record of a process', () => {
  it('tells whether that process runs', async () => {
    const { child, pid, exit } = await running();
    const record = recordOf(pid);
    expect(isAlive(record)).toBe(true);
    child.kill('SIGKILL');
    await exit;
    expect(isAlive(record)).toBe(false);
    expect(isRunning(pid)).toBe(false);
  });

  it('does not name a later process with the same pid', async () => {
    const { pid } = await running();
    expect(isAlive({ pid, started: recordOf(process.pid).started })).toBe(false);
    expect(isRunning(pid)).toBe(true);
  });

  it('names nobody when there was none', () => {
    expect(isAlive(recordOf(2 ** 22 - 1))).toBe(false);
  });

  it('can do without /proc', async () => {
    const { child, pid, exit } = await running();
    expect(startByPs(pid)).toMatch(/^\w{3} \w{3} +\d+ \d\d:\d\d:\d\d \d{4}$/);
    child.kill('SIGKILL');
    await exit;
    expect(startByPs(pid)).toBeUndefined();
  });
});

describe('stopping a process', () => {
  it('asks it to', async () => {
    const { pid, exit } = await running();
    await expect(stopProcess(recordOf(pid), 'SIGTERM', 5000)).resolves.toBe(true);
    await expect(exit).resolves.toEqual([null, 'SIGTERM']);
  });

  it('kills it when it does not listen', async () => {
    const { pid, exit } = await running(`process.on('SIGTERM', () => {})`);
    await expect(stopProcess(recordOf(pid), 'SIGTERM', 100)).resolves.toBe(false);
    await expect(exit).resolves.toEqual([null, 'SIGKILL']);
  });

  it('reaches a frozen one', async () => {
    const { child, pid, exit } = await running();
    child.kill('SIGSTOP');
    await expect(stopProcess(recordOf(pid), 'SIGTERM', 5000)).resolves.toBe(true);
    await expect(exit).resolves.toEqual([null, 'SIGTERM']);
  });

  it('leaves a stranger alone that has the pid by now', async () => {
    const { child, pid } = await running();
    await stopProcess({ pid, started: 'another boot/1' }, 'SIGKILL', 100);
    expect(isRunning(pid)).toBe(true);
    expect(child.signalCode).toBeNull();
  });
});
