import { describe, expect, it } from 'vitest';
import { frameKinds, frameOf } from './frames.js';
import { ChildEndedError } from './isolation.errors.js';
import { LimitedChild } from './limited-child.js';

const limits = { memoryMb: 64, modelBytes: 0, maxFrameBytes: 1000 };
const signature = { inputs: [], outputs: [] };

/** A program that says these bytes through the pipe as soon as it is asked anything, and goes on. */
function childThatSays(...pieces: Uint8Array[]): LimitedChild {
  const bytes = JSON.stringify(Buffer.concat(pieces).toString('base64'));
  const script = `const fs = require('fs'); fs.readSync(3, Buffer.alloc(64));
    fs.writeSync(3, Buffer.from(${bytes}, 'base64')); setInterval(() => 0, 1000);`;
  return new LimitedChild(limits, [process.execPath, '-e', script]);
}

const loaded = (id = 0) => frameOf(frameKinds.loaded, id, [Uint8Array.of(1)], 1000);

describe('a child', () => {
  it.each<[string, Uint8Array[]]>([
    ['speaks nonsense', [Buffer.from('this is no frame, whatever one may say')]],
    ['says more than it may', frameOf(frameKinds.loaded, 0, [new Uint8Array(1001)], 2000)],
    ['answers another question', loaded(7)],
    ['answers with something else', frameOf(frameKinds.answer, 0, [], 1000)],
    ['asks', frameOf(frameKinds.run, 0, [], 1000)],
    ['goes on when it has answered', [...loaded(), ...loaded()]],
  ])('that %s is ended', async (_what, pieces) => {
    const child = childThatSays(...pieces);
    const loading = child.load(Buffer.of(), signature, 10_000).catch((error: unknown) => error);
    expect(await child.ended).toBe('protocol');
    // Its first answer counts, if it was one.
    expect([true, new ChildEndedError('protocol')]).toContainEqual(await loading);
  });

  it('that answers with no tensors is ended, and its run fails', async () => {
    const answer = frameOf(frameKinds.answer, 1, [Buffer.from('no tensors at all')], 1000);
    const child = childThatSays(...answer);
    await expect(child.run([], ['y'], 10_000)).rejects.toThrow(ChildEndedError);
    expect(await child.ended).toBe('protocol');
  });

  it('that says nothing is ended after its time', async () => {
    const child = childThatSays();
    await expect(child.load(Buffer.of(), signature, 100)).rejects.toMatchObject({ reason: 'timeout' });
    await expect(child.run([], [], 100)).rejects.toMatchObject({ reason: 'timeout' });
  });

  it('that cannot be started says so', async () => {
    const child = new LimitedChild(limits, ['/no/such/program']);
    await expect(child.load(Buffer.of(), signature, 1000)).rejects.toMatchObject({ reason: 'spawn' });
    expect(await child.ended).toBe('spawn');
  });

  it('is asked in frames', async () => {
    const script = `const fs = require('fs'); const all = Buffer.alloc(1000); const n = fs.readSync(3, all);
      const answer = all.subarray(0, n); answer.writeUInt32LE(${frameKinds.answer}, 12); fs.writeSync(3, answer);
      fs.readSync(3, all);`;
    const child = new LimitedChild(limits, [process.execPath, '-e', script]);
    const x = { name: 'x', datatype: 'FP32' as const, shape: [2], data: Float32Array.of(1, 2) };
    expect(await child.run([x], ['y'], 10_000)).toEqual([{ ...x, name: 'y' }]);
    child.kill('done');
    expect(await child.ended).toBe('done');
  });
});
