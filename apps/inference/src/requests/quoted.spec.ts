import { describe, expect, it } from 'vitest';
import { quote } from './quoted.js';

function nested(depth: number): unknown {
  let list: unknown = [];
  for (let level = 0; level < depth; level += 1) list = [list];
  return list;
}

describe('quote', () => {
  it.each<[unknown, string]>([
    ['a"b', '"a\\"b"'],
    [undefined, 'undefined'],
    [null, 'null'],
    [1.5, '1.5'],
    [-0, '0'],
    [2n ** 64n, '18446744073709551616'],
    [[1, 'x', [2], {}], '[1, "x", […], {…}]'],
    [[1, 2, 3, 4, 5, 6, 7, 8, 9], '[1, 2, 3, 4, 5, 6, 7, 8, …]'],
    [{ a: 1 }, '{…}'],
  ])('shows %s', (value, expected) => {
    expect(quote(value)).toBe(expected);
  });

  it('does not go deep', () => {
    expect(quote(nested(100_000))).toBe('[[…]]');
  });

  it('stays short, and text that others can carry', () => {
    expect(quote('x'.repeat(1e6))).toHaveLength(62);
    expect(quote(`${'x'.repeat(59)}😀`).isWellFormed()).toBe(true);
  });
});
