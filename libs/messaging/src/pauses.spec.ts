import { describe, expect, it } from 'vitest';
import { pause, pauseMs } from './pauses.js';

describe('pauseMs', () => {
  it.each([
    [1, 250],
    [2, 500],
    [3, 1000],
    [5, 3000],
    [10_000, 3000],
  ])('before try %i waits %i ms', (tries, expected) => {
    expect(pauseMs(tries, 250, 3000)).toBe(expected);
  });
});

describe('pause', () => {
  it('ends at once, and without an error, when told to stop', async () => {
    const stop = new AbortController();
    const waiting = pause(60_000, stop.signal);
    stop.abort();

    await expect(waiting).resolves.toBeUndefined();
  });
});
