import { describe, expect, it } from 'vitest';
import { rowsOf } from './transaction.js';

describe('rows of a statement', () => {
  const row = { id: 1 };
  it.each([
    ['a select', [row, row], [row, row]],
    ['a select of none', [], []],
    ['an update with rows', [[row], 1], [row]],
    ['an update without rows', [[], 3], []],
    ['a select of two columns that look like it', [[row], [row]], [[row], [row]]],
    ['a statement without rows', undefined, []],
  ])('after %s are the rows', (_, result, rows) => {
    expect(rowsOf(result)).toEqual(rows);
  });
});
