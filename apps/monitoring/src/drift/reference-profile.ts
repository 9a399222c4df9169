import { canonicalCategory, isMissing } from './feature-values.js';

/** Quantile bins of a numeric column: twenty cost about 60 ns a value and are merged again for small windows. */
const NUMERIC_BINS = 20;
/** Categories that get a cell of their own; the rarer rest shares one. */
const MAX_CATEGORIES = 1000;

/** A numeric column: `edges` part the values into `counts.length` bins, a value on an edge belongs to the left one. */
export interface NumericProfile {
  kind: 'numeric';
  name: string;
  n: number;
  missing: number;
  min: number;
  max: number;
  edges: number[];
  counts: number[];
}

/** A column of names: one cell per category and a last one for all others. */
export interface CategoryProfile {
  kind: 'categorical';
  name: string;
  n: number;
  missing: number;
  categories: string[];
  counts: number[];
}

export type ColumnProfile = NumericProfile | CategoryProfile;

/** What the reference rows of a version look like, computed once per file. */
export interface ReferenceProfile {
  rows: number;
  columns: ColumnProfile[];
}

/** Profiles a table. A column is numeric when all that is there parses as a number; an empty column is left out. */
export function profileOf(header: readonly string[], rows: readonly (readonly string[])[]): ReferenceProfile {
  const columns = header.map((name, index) => profileColumn(name, rows, index));
  return { rows: rows.length, columns: columns.filter((column) => column !== undefined) };
}

function profileColumn(name: string, rows: readonly (readonly string[])[], index: number): ColumnProfile | undefined {
  const texts = rows.map((row) => (row[index] ?? '').trim()).filter((text) => !isMissing(text));
  if (texts.length === 0) return undefined;
  const missing = rows.length - texts.length;
  const numbers = texts.map(Number);
  return numbers.every(Number.isFinite)
    ? numericProfile(name, numbers, missing)
    : categoryProfile(name, texts.map(canonicalCategory), missing);
}

function numericProfile(name: string, values: number[], missing: number): NumericProfile {
  const tally = [...count(values)].sort(([a], [b]) => a - b);
  const [edges, counts] = quantileBins(tally, values.length);
  const min = tally[0]?.[0] ?? 0;
  const max = tally.at(-1)?.[0] ?? 0;
  return { kind: 'numeric', name, n: values.length, missing, min, max, edges, counts };
}

/**
 * At most twenty bins of about equal counts. An edge lies halfway between two neighbouring values of the reference, so
 * that a value that went through a 32-bit float stays in its bin, and equal values never part.
 */
function quantileBins(tally: readonly (readonly [number, number])[], n: number): [edges: number[], counts: number[]] {
  const edges: number[] = [];
  const counts: number[] = [];
  let seen = 0;
  let inBin = 0;
  let next = 1;
  tally.forEach(([value, times], index) => {
    seen += times;
    inBin += times;
    const following = tally[index + 1];
    if (!following || seen * NUMERIC_BINS < next * n) return;
    edges.push(value + (following[0] - value) / 2);
    counts.push(inBin);
    inBin = 0;
    next = Math.floor((seen * NUMERIC_BINS) / n) + 1;
  });
  return [edges, [...counts, inBin]];
}

function categoryProfile(name: string, values: string[], missing: number): CategoryProfile {
  const byCount = [...count(values)].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const kept = byCount.slice(0, MAX_CATEGORIES);
  const others = byCount.slice(MAX_CATEGORIES).reduce((sum, [, times]) => sum + times, 0);
  return {
    kind: 'categorical',
    name,
    n: values.length,
    missing,
    categories: kept.map(([category]) => category),
    counts: [...kept.map(([, times]) => times), others],
  };
}

function count<T>(values: readonly T[]): Map<T, number> {
  const tally = new Map<T, number>();
  for (const value of values) tally.set(value, (tally.get(value) ?? 0) + 1);
  return tally;
}
