import type { ModelProcess } from '@baton/inference/isolation/model-process';
import { renderMetrics } from '@baton/telemetry';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { endlessWhenPositive, rows, shapeOf, startProcess, zerosAnswered, zerosOfShape } from './isolation-models.js';

const started: ModelProcess[] = [];
const crashes: string[] = [];

async function start(...[model, options]: Parameters<typeof startProcess>): Promise<ModelProcess> {
  const process = await startProcess(model, { onCrash: (reason) => crashes.push(reason), ...options });
  started.push(process);
  return process;
}

afterEach(async () => {
  crashes.length = 0;
  await Promise.all(started.splice(0).map((process) => process.release()));
});

const valuesOf = (outputs: Awaited<ReturnType<ModelProcess['run']>>) => Array.from(outputs[0]?.data as Float32Array);
const pidOf = (process: ModelProcess) => process.pid ?? NaN;

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

async function metric(line: string): Promise<number> {
  const { body } = await renderMetrics();
  return Number(
    body
      .split('\n')
      .find((one) => one.startsWith(`${line} `))
      ?.slice(line.length) ?? 0,
  );
}

describe('a run that never ends', () => {
  it('is stopped, and costs nobody else anything but time', async () => {
    const process = await start(endlessWhenPositive(), { runTimeoutMs: 300, name: 'endless-one' });
    const pid = pidOf(process);
    const since = performance.now();
    const culprit = process.run(rows(1)).catch((error: unknown) => error);
    const behind = [process.run(rows(-1)), process.run(rows(-2, -3))];
    expect(await culprit).toMatchObject({ code: 'timeout', status: 504, retriable: false });
    expect(performance.now() - since).toBeLessThan(3000);
    expect(isAlive(pid)).toBe(false);
    expect((await Promise.all(behind)).map(valuesOf)).toEqual([[-1], [-2, -3]]);
    expect(pidOf(process)).not.toBe(pid);
    expect(crashes).toEqual(['timeout']);
    expect(await metric('model_process_crashes_total{model="endless-one",reason="timeout"}')).toBe(1);
  });

  it('ends with the model, and nothing is left of either', async () => {
    const before = await metric('model_processes');
    const process = await start(endlessWhenPositive());
    expect(await metric('model_processes')).toBe(before + 1);
    const outcomes = [process.run(rows(1)), process.run(rows(-1))].map((run) => run.catch((error: unknown) => error));
    await sleep(50);
    const pid = pidOf(process);
    await process.release();
    expect(isAlive(pid)).toBe(false);
    for (const error of await Promise.all(outcomes)) expect(error).toMatchObject({ code: 'not-loaded', status: 503 });
    await expect(process.run(rows(-1))).rejects.toMatchObject({ code: 'not-loaded' });
    expect(crashes).toEqual([]);
    expect(await metric('model_processes')).toBe(before);
  });

  it('refuses at once what would be too many behind it', async () => {
    const process = await start(endlessWhenPositive(), { maxWaiting: 2, runTimeoutMs: 1000 });
    const culprit = process.run(rows(1)).catch(() => 'stopped');
    const behind = [process.run(rows(-1)), process.run(rows(-2))];
    await expect(process.run(rows(-3))).rejects.toMatchObject({
      code: 'overloaded',
      status: 503,
      retryAfterSeconds: 1,
    });
    expect(await culprit).toBe('stopped');
    expect((await Promise.all(behind)).map(valuesOf)).toEqual([[-1], [-2]]);
  });

  it('makes nobody wait longer than allowed', async () => {
    const process = await start(endlessWhenPositive(), { waitTimeoutMs: 100 });
    process.run(rows(1)).catch(() => undefined);
    await expect(process.run(rows(-1))).rejects.toMatchObject({ code: 'timeout', status: 504, retriable: true });
  });
});

describe('a run that eats memory', () => {
  it('does not get it, and costs only itself', async () => {
    const process = await start(zerosOfShape(), { memoryMb: 128 });
    expect(valuesOf(await process.run(shapeOf(1000, 1000)))).toEqual([0]);
    const before = globalThis.process.memoryUsage.rss();
    const since = performance.now();
    const refused = { code: expect.stringMatching('memory-exceeded|model-crashed') as string };
    await expect(process.run(shapeOf(32_768, 32_768))).rejects.toMatchObject(refused);
    expect(performance.now() - since).toBeLessThan(2000);
    await expect(process.run(shapeOf(300 * 2 ** 18))).rejects.toMatchObject(refused);
    expect(valuesOf(await process.run(shapeOf(10)))).toEqual([0]);
    expect(globalThis.process.memoryUsage.rss() - before).toBeLessThan(64 * 2 ** 20);
  });

  it('is not let through with more than the parent would take', async () => {
    const process = await start(zerosAnswered(), { maxFrameBytes: 1_000_000 });
    await expect(process.run(shapeOf(1_000_000))).rejects.toThrow(/4\d+ bytes are more than the 1000000/);
    const large = { name: 'shape', datatype: 'INT64' as const, shape: [200_000], data: new BigInt64Array(200_000) };
    await expect(process.run([large])).rejects.toMatchObject({ code: 'too-large', status: 413 });
    expect(valuesOf(await process.run(shapeOf(2)))).toEqual([0, 0]);
    expect(crashes).toEqual([]);
  });
});

describe('a process that crashes', () => {
  it('costs the run that was on its way, and what waits is run by the next', async () => {
    const process = await start(endlessWhenPositive(), { name: 'crashing' });
    const victim = process.run(rows(1)).catch((error: unknown) => error);
    const behind = process.run(rows(-1));
    await sleep(50);
    globalThis.process.kill(pidOf(process), 'SIGSEGV');
    expect(await victim).toMatchObject({ code: 'model-crashed', status: 503, retriable: true, retryAfterSeconds: 1 });
    expect(valuesOf(await behind)).toEqual([-1]);
    expect(crashes).toEqual(['SIGSEGV']);
    expect(await metric('model_process_crashes_total{model="crashing",reason="SIGSEGV"}')).toBe(1);
  });

  it('while nobody asks is there again for whoever asks next', async () => {
    const process = await start(endlessWhenPositive());
    globalThis.process.kill(pidOf(process), 'SIGKILL');
    while (crashes.length === 0) await sleep(5);
    expect(valuesOf(await process.run(rows(-1)))).toEqual([-1]);
  });

  it('and is down for long refuses at once, saying for how long', async () => {
    const model = endlessWhenPositive();
    let isGone = false;
    const process = await start(model, {
      waitTimeoutMs: 150,
      bytes: () => (isGone ? Promise.reject(new Error('gone')) : Promise.resolve(model.bytes)),
    });
    isGone = true;
    globalThis.process.kill(pidOf(process), 'SIGABRT');
    while (crashes.length === 0) await sleep(5);
    await expect(process.run(rows(-1))).rejects.toMatchObject({ code: 'model-crashed', retryAfterSeconds: 1 });
    while (crashes.length < 4) await sleep(5);
    expect(crashes).toEqual(['SIGABRT', 'load', 'load', 'load']);
    const since = performance.now();
    await expect(process.run(rows(-1))).rejects.toMatchObject({ code: 'model-crashed', retryAfterSeconds: 1 });
    expect(performance.now() - since).toBeLessThan(50);
    isGone = false;
    // Whoever tries again gets there, once it is up.
    const answers: unknown[] = [];
    while (answers.length === 0 && performance.now() - since < 10_000) {
      await sleep(50);
      await process.run(rows(-1)).then(
        (outputs) => answers.push(...valuesOf(outputs)),
        () => undefined,
      );
    }
    expect(answers).toEqual([-1]);
  });
});
