import { describe, expect, it } from 'vitest';
import { Backlog } from './backlog.js';

describe('how long who comes now would wait', () => {
  it('is what is expected, while nothing has run', () => {
    const backlog = new Backlog((rows) => 5 + rows);
    backlog.came(10);
    expect(backlog.waitMs(1)).toBe(16);
  });

  it('is by the clock once something has', () => {
    const backlog = new Backlog(() => 0);
    backlog.came(30);
    backlog.begin(1000);
    backlog.ran(10, 1100);
    backlog.went(10);
    expect(backlog.waitMs(5)).toBeCloseTo(250);
    // A millisecond of run, and nine for everything else.
    for (let now = 1200; now < 30_000; now += 100) backlog.ran(100, now);
    expect(backlog.waitMs(5)).toBeCloseTo(25);
  });

  it('does not count the time in which nobody was there', () => {
    const backlog = new Backlog(() => 0);
    backlog.came(2);
    backlog.begin(0);
    backlog.ran(1, 10);
    backlog.begin(90_000);
    backlog.ran(1, 90_010);
    expect(backlog.waitMs(0)).toBeCloseTo(20);
  });
});
