import { describe, expect, it } from 'vitest';
import { isComplete, SequenceAudit, type PredictionRecord } from './sequence-audit.js';

const record = (sequence: number, change: Partial<PredictionRecord> = {}): PredictionRecord => ({
  ...{ replica: 'a', sequence, prediction: `id ${sequence}`, endpoint: 'iris', version: 1 },
  ...change,
});
const audited = (records: PredictionRecord[], from: 'start' | 'oldest' = 'start') => {
  const audit = new SequenceAudit();
  for (const one of records) audit.add(one);
  return audit.results(from);
};
const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, index) => first + index);
const of = (sequences: number[]) => sequences.map((sequence) => record(sequence));

describe('the audit of sequences', () => {
  it('finds all of them there, in whatever order they come', () => {
    const [audit] = audited(of(upTo(10_000)).reverse());
    expect(audit).toMatchObject({ first: 1, last: 10_000, records: 10_000, repeats: 0, gaps: [], conflicts: [] });
    expect(audit && isComplete(audit)).toBe(true);
  });

  it.each<[string, number[], { first: number; last: number }[]]>([
    ['one', [1, 2, 4], [{ first: 3, last: 3 }]],
    ['those at the start', [3, 4], [{ first: 1, last: 2 }]],
    [
      'several',
      [1, 4, 5, 9],
      [
        { first: 2, last: 3 },
        { first: 6, last: 8 },
      ],
    ],
    ['many', [1, 30_000], [{ first: 2, last: 29_999 }]],
    ['a border of what is kept together', [...upTo(4095), 4097], [{ first: 4096, last: 4096 }]],
  ])('names %s that is missing', (_what, sequences, gaps) => {
    const [audit] = audited(of(sequences));
    expect(audit?.gaps).toEqual(gaps);
    expect(audit && isComplete(audit)).toBe(false);
  });

  it('begins with the oldest, if it is told to', () => {
    expect(audited(of([5, 6, 8]), 'oldest')[0]?.gaps).toEqual([{ first: 7, last: 7 }]);
  });

  it('lets a record come again, but no number be another prediction’s', () => {
    const [audit] = audited([...of([1, 2, 2, 1, 3]), record(2, { prediction: 'another' })]);
    expect(audit).toMatchObject({ records: 3, repeats: 2, gaps: [], conflicts: [2] });
    expect(audit && isComplete(audit)).toBe(false);
  });

  it('counts by replica, endpoint and version', () => {
    const records = [record(1), record(2, { version: 2 }), record(3, { endpoint: 'digits' }), record(4)];
    const audits = audited([record(1, { replica: 'b' }), ...records]);
    expect(audits.map(({ replica, records: count }) => [replica, count])).toEqual([
      ['a', 4],
      ['b', 1],
    ]);
    expect(audits[0]?.versions).toEqual([
      { endpoint: 'digits', version: 1, records: 1 },
      { endpoint: 'iris', version: 1, records: 2 },
      { endpoint: 'iris', version: 2, records: 1 },
    ]);
  });

  it('notices ids that differ in one digit', () => {
    const ids = Array.from(
      { length: 1000 },
      (_, index) => `01890a5d-ac96-774b-bcce-${String(index).padStart(12, '0')}`,
    );
    const audits = ids
      .slice(1)
      .map((prediction) => audited([record(1, { prediction: ids[0] ?? '' }), record(1, { prediction })]));
    expect(audits.filter(([audit]) => audit?.conflicts.length === 1)).toHaveLength(999);
  });
});
