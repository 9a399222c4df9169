import { describe, expect, it } from 'vitest';
import { profileOf, type ColumnProfile } from './reference-profile.js';

const column = (values: readonly (string | number)[]): ColumnProfile | undefined =>
  profileOf(
    ['x'],
    values.map((value) => [String(value)]),
  ).columns[0];

describe('profileOf', () => {
  it('cuts numbers into twenty bins of equal counts', () => {
    const profile = column(Array.from({ length: 400 }, (_, index) => (index * 7919) % 1009));

    expect(profile).toMatchObject({ kind: 'numeric', n: 400, missing: 0 });
    expect(profile?.counts).toEqual(new Array<number>(20).fill(20));
  });

  it('never parts equal values: half the days without rain are one bin', () => {
    const profile = column([...new Array<number>(50).fill(0), ...Array.from({ length: 50 }, (_, day) => day + 1)]);

    expect(profile?.counts[0]).toBe(50);
    expect(profile?.counts.reduce((sum, count) => sum + count)).toBe(100);
    expect(profile?.counts).toHaveLength(11);
  });

  it('puts edges between the values, so that a 32-bit float stays in its bin', () => {
    const profile = column([0.1, 0.2, 0.3]);

    expect(profile).toMatchObject({ min: 0.1, max: 0.3, counts: [1, 1, 1] });
    expect(profile?.kind === 'numeric' && profile.edges).toEqual([0.15000000000000002, 0.25]);
  });

  it('gives a column of one value a single bin', () => {
    expect(column([7, 7, 7])).toMatchObject({ kind: 'numeric', edges: [], counts: [3], min: 7, max: 7 });
  });

  it('counts categories, the most frequent first, with a last cell for all others', () => {
    expect(column(['rain', 'sun', 'rain', 'snow'])).toEqual({
      kind: 'categorical',
      name: 'x',
      n: 4,
      missing: 0,
      categories: ['rain', 'snow', 'sun'],
      counts: [2, 1, 1, 0],
    });
  });

  it('spells booleans in one way', () => {
    expect(column(['True', 'false', 'TRUE'])).toMatchObject({ categories: ['true', 'false'], counts: [2, 1, 0] });
  });

  it('keeps a thousand categories and puts the rest together', () => {
    const profile = column(Array.from({ length: 1500 }, (_, index) => `user-${index}`));

    expect(profile?.counts).toHaveLength(1001);
    expect(profile?.counts.at(-1)).toBe(500);
  });

  it.each(['', 'nan', 'NaN', 'null', 'None', 'NA', '  '])('takes "%s" for a missing value', (text) => {
    expect(column(['1', text, '3'])).toMatchObject({ kind: 'numeric', n: 2, missing: 1 });
  });

  it('leaves out a column without any value, and cells that a short row lacks', () => {
    const profile = profileOf(['a', 'b'], [['1', ''], ['2']]);

    expect(profile.columns.map(({ name }) => name)).toEqual(['a']);
    expect(profile.rows).toBe(2);
  });
});
