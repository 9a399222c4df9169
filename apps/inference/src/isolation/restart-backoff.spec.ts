import { describe, expect, it } from 'vitest';
import { RestartBackoff } from './restart-backoff.js';

describe('the back-off of restarts', () => {
  it('doubles from 100 ms to half a minute', () => {
    const backoff = new RestartBackoff();
    const delays = Array.from({ length: 11 }, (_, index) => backoff.crashed(index));
    expect(delays).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]);
  });

  it('is as at first after a minute of good runs, and not before', () => {
    const backoff = new RestartBackoff();
    backoff.crashed(0);
    backoff.ranWell(59_999);
    expect(backoff.crashed(60_000)).toBe(200);
    backoff.ranWell(120_000);
    expect(backoff.crashed(120_001)).toBe(100);
  });
});
