import { describe, expect, it } from 'vitest';
import { mergeCells } from './cells.js';

const twenty = (count: number) => new Array<number>(20).fill(count);

describe('mergeCells', () => {
  it.each([
    ['keeps all cells of a large window', 20, 200, 20],
    ['halves them for less than a hundred rows', 20, 99, 10],
    ['leaves five for a month of days', 20, 30, 5],
    ['never asks for less than five counts of the reference', 2, 10_000, 6],
  ])('%s', (_what, perCell, rows, cells) => {
    const current = twenty(0).map((_, index) => (index === 0 ? rows : 0));
    const merged = mergeCells({ reference: twenty(perCell), current }, 'neighbours');

    expect(merged.reference).toHaveLength(cells);
    expect(merged.current.reduce((sum, count) => sum + count)).toBe(rows);
    expect(merged.reference.reduce((sum, count) => sum + count)).toBe(20 * perCell);
  });

  it('does not look at where the window fell', () => {
    const low = mergeCells({ reference: twenty(10), current: [60, ...twenty(0).slice(1)] }, 'neighbours');
    const high = mergeCells({ reference: twenty(10), current: [...twenty(0).slice(1), 60] }, 'neighbours');

    expect(low.reference).toEqual(high.reference);
  });

  it('gives what is left over to the last cell', () => {
    const merged = mergeCells({ reference: [50, 40, 3], current: [50, 40, 10] }, 'neighbours');

    expect(merged).toEqual({ reference: [50, 43], current: [50, 50] });
  });

  it('pools rare categories wherever they stand', () => {
    const merged = mergeCells({ reference: [120, 15, 60, 5, 0], current: [30, 4, 20, 1, 5] }, 'pool');

    expect(merged).toEqual({ reference: [120, 60, 20], current: [30, 20, 10] });
  });

  it('asks only for the usual value when everything else is rare', () => {
    const merged = mergeCells({ reference: [1, 197, 2], current: [10, 10, 10] }, 'neighbours');

    expect(merged).toEqual({ reference: [197, 3], current: [10, 20] });
  });
});
