import { describe, expect, it } from 'vitest';
import { placementOf, type PlacementFacts } from './placement.js';

const small: PlacementFacts = {
  bound: { bounded: true, peakBytes: 1000, macsPerRow: 100, fixedMacs: 1000 },
  rows: 10,
  hasMisbehaved: false,
  limits: { runMs: 1, peakBytes: 1_000_000, macsPerMs: 100_000 },
};

describe('placementOf', () => {
  it.each<[string, Partial<PlacementFacts>, 'loop' | 'process', RegExp]>([
    ['a small model', {}, 'loop', /0.0200 ms as reckoned/],
    ['one that was measured to be short', { estimateMs: 0.9 }, 'loop', /0.900 ms as measured/],
    ['one exactly at the limit', { estimateMs: 1 }, 'loop', /1.00 ms/],
    ['one that was measured to be long', { estimateMs: 1.1 }, 'process', /1.10 ms as measured, and 1 ms/],
    ['one whose measure is no number', { estimateMs: NaN }, 'process', /NaN ms/],
    ['a large one that was never measured', { rows: 10_000 }, 'process', /10.0 ms as reckoned/],
    ['a large one that turned out to be short', { rows: 10_000, estimateMs: 0.5 }, 'loop', /0.500 ms as measured/],
    ['one without bounds', { bound: { bounded: false, reason: 'a Loop' }, estimateMs: 0.1 }, 'process', /a Loop/],
    [
      'one that may take much memory',
      { bound: { bounded: true, peakBytes: 1_000_001, macsPerRow: 1, fixedMacs: 0 }, estimateMs: 0.1 },
      'process',
      /1000001 bytes/,
    ],
    ['one that misbehaved, however small', { hasMisbehaved: true, estimateMs: 0.1 }, 'process', /before/],
    ['one in a process that is just short enough', { estimateMs: 0.9, current: 'process' }, 'process', /0.5 ms/],
    ['one in a process that is far below the limit', { estimateMs: 0.4, current: 'process' }, 'loop', /0.400 ms/],
    ['one on the loop that is just short enough', { estimateMs: 0.9, current: 'loop' }, 'loop', /0.900 ms/],
  ])('%s', (_what, change, place, reason) => {
    const placement = placementOf({ ...small, ...change });
    expect(placement.place).toBe(place);
    expect(placement.reason).toMatch(reason);
  });
});
