/** A value of several rounds. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** @param values at least one */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (index: number) => sorted[index] ?? NaN;
  const middle = (sorted.length - 1) / 2;
  return { median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2, min: at(0), max: at(sorted.length - 1) };
}

/** Ratios of the values of the same round: what disturbed one of them disturbed the other. */
export function ratiosOf(values: readonly number[], by: readonly number[]): Spread {
  return spreadOf(values.map((value, round) => value / (by[round] ?? NaN)));
}

/** Three digits, as many as a measurement like this is worth. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (value === 0 || value >= 100) return value.toLocaleString('en', { maximumFractionDigits: 0 });
  return value.toPrecision(3);
}

/** `2.41 (2.20–2.66)` */
export function ratioText({ median, min, max }: Spread): string {
  return `${digits(median)} (${digits(min)}–${digits(max)})`;
}
