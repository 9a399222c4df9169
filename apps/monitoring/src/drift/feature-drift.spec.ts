import { describe, expect, it } from 'vitest';
import { featureDrifts } from './feature-drift.js';
import { addValue, emptySummary } from './feature-summary.js';
import type { FeatureValue } from './feature-values.js';
import { profileOf } from './reference-profile.js';

/** Mulberry32: a seeded stream of numbers in [0, 1). */
function draws(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Box and Muller. */
function normal(next: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

function drift(reference: readonly FeatureValue[], current: readonly FeatureValue[], features = 1) {
  const [profile] = profileOf(
    ['x'],
    reference.map((value) => [value === null ? '' : String(value)]),
  ).columns;
  const summary = emptySummary(profile);
  for (const value of current) addValue(summary, value, profile);
  const feature = { name: 'x', role: 'input' as const, kind: profile?.kind ?? ('numeric' as const), profile, summary };
  const [first] = featureDrifts(new Array<typeof feature>(features).fill(feature));
  if (!first) throw new Error('no drift was computed');
  return first;
}

const series = (length: number, value: (index: number) => FeatureValue) =>
  Array.from({ length }, (_, index) => value(index));

describe('featureDrifts', () => {
  it('agrees with numpy on reference quantile bins', () => {
    // np.histogram over edges at the vigintiles, neighbours added in pairs, half a count added to each of ten cells.
    const reference = series(240, (index) => (((index + 1) * 7919) % 1009) / 10);
    const current = series(60, (index) => 40 + (((index + 1) * 104_729) % 601) / 10);

    const found = drift(reference, current);

    expect(found.statistic).toBeCloseTo(1.1288885467088847, 10);
    // scipy.stats.chi2.ppf(.99, 9) · (1/60 + 1/240), which the approximation meets within 2 %.
    expect(Math.abs(found.threshold / 0.4513748819471234 - 1)).toBeLessThan(0.02);
    expect(found).toMatchObject({ n: 60, missing: 0, outOfRange: 0, method: 'psi', drifted: true });
  });

  it('agrees with numpy on categories', () => {
    const of = (counts: Record<string, number>) =>
      Object.entries(counts).flatMap(([name, times]) => new Array<string>(times).fill(name));
    const found = drift(of({ a: 120, b: 60, c: 15, d: 5 }), of({ a: 30, b: 20, c: 4, d: 1, e: 5 }));

    expect(found.statistic).toBeCloseTo(0.058283659025752846, 10);
    expect(found).toMatchObject({ kind: 'categorical', outOfRange: 5, threshold: 0.2, drifted: false });
  });

  it.each([
    ['a month against a winter', 90, 31],
    ['a February against two months', 60, 28],
    ['the least that is judged', 200, 20],
    ['two months against a year', 366, 60],
    ['a large window', 2000, 400],
  ])('raises a false alarm in at most 2 %% of windows: %s', (_what, rows, n) => {
    const next = draws(rows * 1000 + n);
    let alarms = 0;
    for (let trial = 0; trial < 1000; trial += 1) {
      const found = drift(
        series(rows, () => normal(next)),
        series(n, () => normal(next)),
      );
      if (found.drifted) alarms += 1;
    }

    expect(alarms / 1000).toBeLessThanOrEqual(0.02);
  });

  it('shares the false alarms among the features of a version', () => {
    const next = draws(7);
    let alarms = 0;
    for (let trial = 0; trial < 1000; trial += 1) {
      const [reference, current] = [series(90, () => normal(next)), series(30, () => normal(next))];
      if (drift(reference, current, 10).drifted) alarms += 1;
    }

    expect(alarms / 1000).toBeLessThanOrEqual(0.0025);
  });

  it.each([
    ['a mean that moved by two deviations', (next: () => number) => normal(next) + 2],
    ['a spread five times as wide', (next: () => number) => normal(next) * 5],
    ['a value that got stuck', () => 0.1],
  ])('finds %s within a month', (_what, value) => {
    const next = draws(99);
    let found = 0;
    for (let trial = 0; trial < 200; trial += 1) {
      const reference = series(90, () => normal(next));
      if (
        drift(
          reference,
          series(30, () => value(next)),
        ).drifted
      )
        found += 1;
    }

    expect(found / 200).toBeGreaterThan(0.8);
  });

  it('finds categories that were never seen, once they are more than a few', () => {
    const reference = series(100, (index) => (index % 2 === 0 ? 'rain' : 'sun'));

    expect(
      drift(
        reference,
        series(30, (index) => ['rain', 'sun'][index % 2]),
      ).drifted,
    ).toBe(false);
    expect(
      drift(
        reference,
        series(30, (index) => ['rain', 'sun', 'hail'][index % 3]),
      ).drifted,
    ).toBe(true);
  });

  it('finds that a constant no longer is one', () => {
    const reference = series(100, () => 7);

    const same = drift(
      reference,
      series(30, () => 7),
    );
    expect(same.statistic).toBeCloseTo(0, 1);
    expect(same.drifted).toBe(false);
    expect(
      drift(
        reference,
        series(30, (index) => 7 + (index % 2)),
      ).drifted,
    ).toBe(true);
  });

  it('finds that a rare value became frequent', () => {
    const reference = series(100, (index) => (index < 3 ? 1 : 0));

    expect(
      drift(
        reference,
        series(30, (index) => (index < 1 ? 1 : 0)),
      ).drifted,
    ).toBe(false);
    expect(
      drift(
        reference,
        series(30, (index) => index % 2),
      ).drifted,
    ).toBe(true);
  });

  it.each([
    ['too few values in the window', 100, 19],
    ['too few rows in the reference', 19, 100],
  ])('says nothing with %s', (_what, rows, n) => {
    const found = drift(
      series(rows, (index) => index),
      series(n, () => 1e6),
    );

    expect(found.statistic).toBeUndefined();
    expect(found).toMatchObject({ n, outOfRange: n, drifted: false });
  });
});
