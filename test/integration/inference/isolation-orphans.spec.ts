import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { endlessWhenPositive, rows } from './isolation-models.js';

/**
 * A parent that starts a model's process, hands it a model and a run, and says its pid when it has read them. It is
 * a program of its own, since it is to be killed; `isWatched` leaves it to the child to see its parent's end.
 */
const PARENT = `
  const { spawn } = await import('node:child_process');
  const [{ childCommand }, frames, { encodeLoad }, { encodeTensors }] = await Promise.all(
    ['child-command', 'frames', 'load-frame', 'tensor-frames'].map((name) => import(process.argv[1] + name + '.ts')),
  );
  const { model, signature, input, isWatched } = JSON.parse(process.argv[2]);
  const bytes = Buffer.from(model, 'base64');
  let command = childCommand({ memoryMb: 64, modelBytes: bytes.length, maxFrameBytes: 1000 });
  if (isWatched) command = [...command.slice(command.indexOf(process.execPath), -1), '1'];
  const child = spawn(command[0], command.slice(1), { env: {}, stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const write = (kind, id, body) => frames.frameOf(kind, id, body, 1e9).forEach((one) => child.stdio[3].write(one));
  child.stdio[3].on('data', () => console.log(child.pid));
  write(frames.frameKinds.load, 0, encodeLoad({ signature, model: bytes }));
  if (input) write(frames.frameKinds.run, 1, encodeTensors([{ ...input, data: Float32Array.of(1) }]));
`;

const isolation = new URL('../../../apps/inference/src/isolation/', import.meta.url).href;

/** @returns whether the process runs, and how many ticks of processor time it has taken */
function processState(pid: number): { isAlive: boolean; ticks: number } {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return { isAlive: fields[0] !== 'Z', ticks: Number(fields[11]) };
  } catch {
    return { isAlive: false, ticks: 0 };
  }
}

describe('when its parent is killed, a model goes', () => {
  it.each<[string, { isEndless: boolean; isWatched: boolean }]>([
    ['while it waits', { isEndless: false, isWatched: false }],
    ['in the middle of an endless run', { isEndless: true, isWatched: false }],
    ['in an endless run where only the child itself can tell', { isEndless: true, isWatched: true }],
  ])('%s', async (_when, { isEndless, isWatched }) => {
    const { bytes, ...signature } = endlessWhenPositive();
    const input = isEndless ? { ...rows(1)[0], data: undefined } : undefined;
    const wish = JSON.stringify({ model: Buffer.from(bytes).toString('base64'), signature, input, isWatched });
    const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', PARENT, isolation, wish];
    const parent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(createInterface(parent.stdout), 'line')) as [string];
    const pid = Number(line);
    if (isEndless) {
      const { ticks } = processState(pid);
      while (processState(pid).ticks < ticks + 10) await sleep(20);
    }
    expect(processState(pid).isAlive).toBe(true);
    parent.kill('SIGKILL');
    const since = performance.now();
    while (processState(pid).isAlive && performance.now() - since < 5000) await sleep(10);
    if (processState(pid).isAlive) process.kill(pid, 'SIGKILL');
    expect(performance.now() - since).toBeLessThan(2000);
  });
});
