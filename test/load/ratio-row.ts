import type { Row } from './bench-case.js';
import type { LoadResult } from './generators/load-spec.js';
import type { Comparison, Trial } from './measure/compare.js';
import { digits, ratioText } from './measure/statistics.js';

/** What of a measurement counts. */
export interface Measure {
  readonly unit: string;
  readonly of: (result: LoadResult) => number;
}

export const throughput: Measure = { unit: 'req/s', of: ({ perSecond }) => perSecond };
export const middleMs: Measure = { unit: 'ms p50', of: ({ latency }) => latency.p50 };
/** Requests that a second of the server's processor answers, whatever else kept it waiting. */
export const perCpuSecond: Measure = {
  unit: 'req per CPU second',
  of: ({ serverCpu, answered }) => answered / serverCpu,
};

interface RatioRow {
  readonly id: string;
  readonly what: string;
  readonly comparison: Comparison;
  readonly ours: Trial;
  readonly theirs: Trial;
  /** Default: requests per second. */
  readonly by?: Measure;
  /** The goal of the ratio ours / theirs. */
  readonly atLeast?: number | undefined;
  readonly atMost?: number;
}

/** A row that says how one trial stands to another. */
export function ratioRow({ id, what, comparison, ours, theirs, by = throughput, atLeast, atMost }: RatioRow): Row {
  const ratio = comparison.ratio(ours.name, theirs.name, by.of);
  const median = ({ name }: Trial) => `${digits(comparison.spread(name, by.of).median)} ${by.unit}`;
  const byCpu = comparison.ratio(ours.name, theirs.name, perCpuSecond.of);
  const more = by === throughput ? `; by CPU ${digits(byCpu.median)}` : '';
  const goals = [
    ...(atLeast === undefined ? [] : [{ text: `≥ ${atLeast}`, isReached: ratio.median >= atLeast }]),
    ...(atMost === undefined ? [] : [{ text: `≤ ${atMost}`, isReached: ratio.median <= atMost }]),
  ];
  return {
    ...{ id, what },
    baton: median(ours),
    peer: `${theirs.name}: ${median(theirs)}`,
    ratio: `${ratioText(ratio)}${more}`,
    goal: goals.map(({ text }) => text).join(', '),
    ...(goals.length > 0 ? { isReached: goals.every(({ isReached }) => isReached) } : {}),
    suspect: ours,
  };
}
