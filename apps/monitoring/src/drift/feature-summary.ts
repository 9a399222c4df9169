import { canonicalCategory, isMissing, numberOf, type FeatureValue } from './feature-values.js';
import type { CategoryProfile, ColumnProfile, NumericProfile } from './reference-profile.js';

/**
 * What a window keeps of one feature: counts over the fixed cells of its reference, and the running mean and sum of
 * squared deviations of a numeric one (Welford 1962, merged after Chan, Golub and LeVeque 1979). Summaries of two
 * streams merge into that of both.
 */
export interface FeatureSummary {
  /** Values, without the missing ones. */
  n: number;
  missing: number;
  outOfRange: number;
  mean: number;
  squares: number;
  counts: number[];
}

export function emptySummary(profile: ColumnProfile | undefined): FeatureSummary {
  const cells = profile?.counts.length ?? 0;
  return { n: 0, missing: 0, outOfRange: 0, mean: 0, squares: 0, counts: new Array<number>(cells).fill(0) };
}

/** Adds one value; without a profile it is only counted. Changes the summary: this runs for every value logged. */
export function addValue(summary: FeatureSummary, value: FeatureValue, profile: ColumnProfile | undefined): void {
  if (isMissing(value)) {
    summary.missing += 1;
    return;
  }
  if (profile?.kind === 'numeric') addNumber(summary, value, profile);
  else if (profile?.kind === 'categorical') addCategory(summary, value, categoryIndex(profile));
  else summary.n += 1;
}

/** The summary of both streams. Summaries over different cells can only be counted together. */
export function mergeSummaries(a: FeatureSummary, b: FeatureSummary): FeatureSummary {
  const n = a.n + b.n;
  const delta = b.mean - a.mean;
  const sameCells = a.counts.length === b.counts.length;
  return {
    n,
    missing: a.missing + b.missing,
    outOfRange: a.outOfRange + b.outOfRange,
    mean: n === 0 ? 0 : a.mean + (delta * b.n) / n,
    squares: n === 0 ? 0 : a.squares + b.squares + (delta * delta * a.n * b.n) / n,
    counts: sameCells ? a.counts.map((count, index) => count + (b.counts[index] ?? 0)) : [],
  };
}

function addNumber(summary: FeatureSummary, value: number | string | boolean, profile: NumericProfile): void {
  const number = numberOf(value);
  if (number === undefined) {
    summary.missing += 1;
    return;
  }
  summary.n += 1;
  const bin = binOf(profile.edges, number);
  summary.counts[bin] = (summary.counts[bin] ?? 0) + 1;
  if (isOutside(number, profile)) summary.outOfRange += 1;
  if (!Number.isFinite(number)) return;
  const delta = number - summary.mean;
  summary.mean += delta / summary.n;
  summary.squares += delta * (number - summary.mean);
}

/** Compared as 32-bit floats: the reference's 0.1 and a tensor's 0.10000000149 are the same value. */
function isOutside(value: number, { min, max }: NumericProfile): boolean {
  const single = Math.fround(value);
  return single < Math.fround(min) || single > Math.fround(max);
}

/** Index of the first edge that is not below the value. */
export function binOf(edges: readonly number[], value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((edges[middle] ?? Infinity) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function addCategory(summary: FeatureSummary, value: number | string | boolean, index: Map<string, number>): void {
  const cell = index.get(canonicalCategory(value));
  summary.n += 1;
  if (cell === undefined) summary.outOfRange += 1;
  const at = cell ?? summary.counts.length - 1;
  summary.counts[at] = (summary.counts[at] ?? 0) + 1;
}

const indexes = new WeakMap<CategoryProfile, Map<string, number>>();

function categoryIndex(profile: CategoryProfile): Map<string, number> {
  const known = indexes.get(profile);
  if (known) return known;
  const index = new Map(profile.categories.map((category, position) => [category, position]));
  indexes.set(profile, index);
  return index;
}
