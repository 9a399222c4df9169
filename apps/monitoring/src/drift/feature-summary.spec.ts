import { describe, expect, it } from 'vitest';
import { addValue, binOf, emptySummary, mergeSummaries, type FeatureSummary } from './feature-summary.js';
import type { FeatureValue } from './feature-values.js';
import { profileOf, type ColumnProfile } from './reference-profile.js';

const numbers = profileOf(
  ['x'],
  Array.from({ length: 100 }, (_, index) => [String(index)]),
).columns[0];
const names = profileOf(['x'], [['rain'], ['sun'], ['rain']]).columns[0];

function summaryOf(values: readonly FeatureValue[], profile: ColumnProfile | undefined = numbers): FeatureSummary {
  const summary = emptySummary(profile);
  for (const value of values) addValue(summary, value, profile);
  return summary;
}

describe('binOf', () => {
  it.each([
    [-Infinity, 0],
    [0, 0],
    [1, 0],
    [1.5, 1],
    [3, 2],
    [4, 3],
    [Infinity, 3],
  ])('puts %f into bin %i, an edge to its left', (value, bin) => {
    expect(binOf([1, 2, 3], value)).toBe(bin);
  });
});

describe('addValue', () => {
  it('keeps mean and squares as two passes would find them', () => {
    const values = [3, 88.5, 41, 41, 7];
    const mean = values.reduce((sum, value) => sum + value) / values.length;
    const { n, ...summary } = summaryOf(values);

    expect(n).toBe(5);
    expect(summary.mean).toBeCloseTo(mean, 12);
    expect(summary.squares).toBeCloseTo(
      values.reduce((sum, value) => sum + (value - mean) ** 2, 0),
      9,
    );
  });

  it.each([
    ['null', null, { n: 0, missing: 1 }],
    ['nothing', undefined, { n: 0, missing: 1 }],
    ['not a number', NaN, { n: 0, missing: 1 }],
    ['a hash where a number should be', 'b1946ac9', { n: 0, missing: 1 }],
    ['a 64-bit integer as text', '42', { n: 1, missing: 0, outOfRange: 0, mean: 42 }],
    ['a boolean', true, { n: 1, missing: 0, outOfRange: 0, mean: 1 }],
    ['more than the reference ever had', 99.5, { n: 1, outOfRange: 1 }],
    ['less than the reference ever had', -0.5, { n: 1, outOfRange: 1 }],
    ['the greatest value as a 32-bit float', Math.fround(99.00000001), { n: 1, outOfRange: 0 }],
    ['infinity', Infinity, { n: 1, outOfRange: 1, mean: 0 }],
  ])('takes %s', (_what, value, expected) => {
    expect(summaryOf([value])).toMatchObject(expected);
  });

  it('counts categories, and new ones in the last cell', () => {
    expect(summaryOf(['sun', 'hail', 'rain', null], names)).toMatchObject({
      n: 3,
      missing: 1,
      outOfRange: 1,
      counts: [1, 1, 1],
    });
  });

  it('only counts without a reference', () => {
    const summary = emptySummary(undefined);
    addValue(summary, 4, undefined);
    addValue(summary, null, undefined);

    expect(summary).toMatchObject({ n: 1, missing: 1, counts: [] });
  });
});

describe('mergeSummaries', () => {
  const stream = Array.from({ length: 200 }, (_, index) => (index % 17 === 0 ? null : ((index * 31) % 127) - 10));

  it.each([0, 1, 13, 100, 199, 200])('of a stream cut at %i is that of the whole', (at) => {
    const merged = mergeSummaries(summaryOf(stream.slice(0, at)), summaryOf(stream.slice(at)));
    const { mean, squares, ...counts } = summaryOf(stream);

    expect(merged).toMatchObject(counts);
    expect(merged.mean).toBeCloseTo(mean, 9);
    expect(merged.squares).toBeCloseTo(squares, 6);
  });

  it('holds for categories', () => {
    const [a, b] = [summaryOf(['rain', 'hail'], names), summaryOf(['sun', 'rain', null], names)];

    expect(mergeSummaries(a, b)).toMatchObject(summaryOf(['rain', 'hail', 'sun', 'rain', null], names));
  });

  it('keeps no cells when the two were counted over different ones', () => {
    expect(mergeSummaries(summaryOf([1, 2]), summaryOf(['rain'], names))).toMatchObject({ n: 3, counts: [] });
  });
});
