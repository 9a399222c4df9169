import { describe, expect, it } from 'vitest';
import type { Submission } from '../runtime/turn-batcher.js';
import { PooledModel } from './pooled-model.js';
import type { ServedModel } from './served-model.js';

function fakeModel(name: string) {
  const asked: Submission[] = [];
  let released = 0;
  const release = () => Promise.resolve(void (released += 1));
  const served = {
    hasRows: true,
    isIdle: true,
    arena: undefined,
    submit: (one: Submission) => asked.push(one),
    release,
  };
  return { name, asked, served: served as unknown as ServedModel, released: () => released };
}

function submission() {
  const failed: unknown[] = [];
  const one: Submission = {
    inputs: [],
    since: 7,
    deadline: 9,
    succeed: () => undefined,
    fail: (error) => failed.push(error),
  };
  return { one, failed };
}

describe('a model of the pool', () => {
  it('that made room is loaded once, for all who ask meanwhile', async () => {
    const [first, second] = [fakeModel('first'), fakeModel('second')];
    let loads = 0;
    const told: PooledModel[] = [];
    const load = () => Promise.resolve(((loads += 1), second.served));
    const model = new PooledModel(first.served, 1, load, (loaded) => told.push(loaded));
    await model.evict();
    expect([model.isLoaded, first.released()]).toEqual([false, 1]);
    model.submit(submission().one);
    model.submit(submission().one);
    await model.ensure();
    expect([loads, second.asked.length, model.isLoaded]).toEqual([1, 2, true]);
    expect(told).toEqual([model]);
  });

  it('that cannot be loaded fails who asked, and is tried again with the next', async () => {
    const again = fakeModel('again');
    const loads = [() => Promise.reject(new Error('no disk')), () => Promise.resolve(again.served)];
    const model = new PooledModel(
      fakeModel('first').served,
      1,
      () => loads.shift()?.() ?? Promise.reject(new Error('no more')),
      () => {},
    );
    await model.evict();
    const { one, failed } = submission();
    model.submit(one);
    await expect(model.ensure()).rejects.toThrow('no disk');
    expect(failed).toHaveLength(1);
    await model.ensure();
    expect(model.isLoaded).toBe(true);
  });

  it('is asked at once while it is in memory, and remembers when', () => {
    const first = fakeModel('first');
    const model = new PooledModel(
      first.served,
      1,
      () => Promise.reject(new Error('no more')),
      () => {},
    );
    model.submit(submission().one);
    expect([first.asked.length, model.lastUsed, model.isIdle]).toEqual([1, 7, true]);
  });
});
