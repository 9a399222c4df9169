import { describe, expect, it } from 'vitest';
import { RowSample } from './row-sample.js';

function sampleOf(rows: number, { columns = 1, most = 100 } = {}): number[] {
  const sample = new RowSample(columns, most);
  for (let row = 0; row < rows; row += 1) sample.add([String(row)]);
  return sample.rows.map(([value]) => Number(value));
}

describe('RowSample', () => {
  it('keeps a small table as it is', () => {
    expect(sampleOf(5)).toEqual([0, 1, 2, 3, 4]);
    expect(sampleOf(100)).toHaveLength(100);
  });

  it('takes as many rows of a large one as it may, each once, from all over it', () => {
    const rows = sampleOf(10_000, { most: 1000 });
    const mean = rows.reduce((sum, row) => sum + row) / rows.length;

    expect(new Set(rows).size).toBe(1000);
    expect(Math.abs(mean - 5000)).toBeLessThan(300);
    expect(rows.filter((row) => row < 1000).length).toBeGreaterThan(60);
    expect(rows.filter((row) => row >= 9000).length).toBeGreaterThan(60);
  });

  it('takes the same rows again', () => {
    expect(sampleOf(5000)).toEqual(sampleOf(5000));
  });

  it('takes fewer rows of a wide one', () => {
    expect(sampleOf(200, { columns: 100_000, most: 1000 })).toHaveLength(50);
  });
});
