import { describe, expect, it } from 'vitest';
import { chiSquareQuantile, driftThreshold } from './drift-threshold.js';
import { psi } from './psi.js';

describe('psi', () => {
  it('is zero for equal shares, however many counts', () => {
    expect(psi([50, 30, 20], [50, 30, 20])).toBe(0);
    expect(psi([500_000, 300_000, 200_000], [50_000, 30_000, 20_000])).toBeCloseTo(0, 6);
  });

  it('agrees with the textbook value when there are many counts', () => {
    // (.2 − .1) ln 2 + (.2 − .3) ln ⅔, computed by hand.
    expect(psi([1e8, 2e8, 3e8, 4e8], [2e8, 2e8, 2e8, 4e8])).toBeCloseTo(0.1098612, 6);
  });

  it('does not care which of the two is the reference', () => {
    expect(psi([5, 20, 75], [40, 30, 30])).toBeCloseTo(psi([40, 30, 30], [5, 20, 75]), 12);
  });

  it('stays finite where a cell is empty', () => {
    expect(psi([100, 0], [0, 100])).toBeCloseTo((200 / 101) * Math.log(201), 10);
  });
});

describe('chiSquareQuantile', () => {
  it.each([
    [2, 0.99, 9.2103],
    [4, 0.9975, 16.4239],
    [4, 0.999, 18.4668],
    [9, 0.99, 21.666],
    [19, 0.999, 43.8202],
  ])('with %i degrees of freedom at %f is that of the tables within 2 %', (degrees, probability, expected) => {
    expect(Math.abs(chiSquareQuantile(probability, degrees) / expected - 1)).toBeLessThan(0.02);
  });

  it('errs to the safe side with one degree of freedom', () => {
    expect(chiSquareQuantile(0.999, 1)).toBeGreaterThan(10.8276);
    expect(chiSquareQuantile(0.999, 1)).toBeLessThan(10.8276 * 1.05);
  });
});

describe('driftThreshold', () => {
  it('is 0.2 for large samples', () => {
    expect(driftThreshold({ cells: 20, n: 10_000, reference: 50_000, falseAlarmRate: 0.001 })).toBe(0.2);
  });

  it('is what chance reaches for a month of daily rows', () => {
    expect(driftThreshold({ cells: 5, n: 30, reference: 90, falseAlarmRate: 0.001 })).toBeCloseTo(0.82, 1);
  });
});
