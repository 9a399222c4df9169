import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPolicy, testModel } from './released-models.js';
import { RunningInference } from './running-inference.js';

const good = { inputs: [{ name: 'input', datatype: 'FP32', shape: [1, 4], data: [5.1, 3.5, 1.4, 0.2] }] };
const iris = testModel('iris');

let baton: RunningInference;
let spool: string;
let isMounted = false;

beforeAll(async () => {
  baton = await RunningInference.prepare({ spoolSegmentBytes: 64 * 1024 });
  spool = join(baton.config.dataDir, 'spool');
  mkdirSync(spool, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', spool], { stdio: 'ignore' });
    isMounted = true;
  } catch {
    // Only root may mount; the spool's own tests fail a disk without one.
  }
  await baton.start();
});

afterAll(async () => {
  await baton.stop();
  if (isMounted) execFileSync('umount', ['-l', spool]);
  await baton.remove();
});

/** By every reason: what the disk did not take must not be counted again as damaged. */
async function lost(): Promise<number> {
  const metrics = await (await fetch(`${baton.url}/metrics`)).text();
  const counts = metrics.matchAll(/^prediction_log_dropped_total\{.*\} (\d+)$/gm);
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}

describe('a replica whose disk is full', { timeout: 120_000 }, () => {
  it('answers every request, counts exactly what it could not record, and goes on when there is room', async (test) => {
    if (!isMounted) return test.skip('a file system of its own needs root');
    await baton.deploy('write', iris, { policy: { ...openPolicy, record: 'write' } });
    await baton.deploy('sync', iris, { policy: { ...openPolicy, record: 'sync' } });
    const answered: string[] = [];
    const ask = async (count: number) => {
      for (let index = 0; index < count; index += 1) {
        const { status, body } = await baton.infer(index % 2 === 0 ? 'write' : 'sync', good);
        expect(status).toBe(200);
        answered.push(String(body.parameters?.['prediction']));
      }
    };
    await ask(20);
    const filler = join(spool, 'filler');
    const { bavail, bsize } = statfsSync(spool);
    writeFileSync(filler, Buffer.alloc(bavail * bsize));
    // What was kept free for records is used up first.
    await ask(900);
    expect(await lost()).toBeGreaterThan(0);
    rmSync(filler);
    await ask(20);
    const last = answered.at(-1);
    await baton.events.waitFor('prediction.logged', ({ data }) => data?.prediction === last, 30_000);
    const logged = new Map(baton.events.of('prediction.logged').map(({ data }) => [data?.prediction, data?.sequence]));
    const missing = answered.filter((id) => !logged.has(id));
    expect(missing).toHaveLength(await lost());
    // The sequences of the lost ones are used up: the gap tells every reader.
    const sequences = new Set(logged.values());
    expect(Math.max(...[...sequences].map(Number)) - sequences.size).toBe(missing.length);
  });
});
