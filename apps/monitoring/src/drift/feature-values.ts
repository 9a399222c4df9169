/** A value as it stands in the prediction log. 64-bit integers beyond 2^53 are strings there. */
export type FeatureValue = number | string | boolean | null | undefined;

const MISSING_TEXTS = new Set(['', 'nan', 'null', 'none', 'na', 'n/a']);

/** True for what a table or a log writes when there is no value. */
export function isMissing(value: FeatureValue): value is null | undefined {
  if (value === null || value === undefined) return true;
  if (typeof value === 'number') return Number.isNaN(value);
  return typeof value === 'string' && MISSING_TEXTS.has(value.trim().toLowerCase());
}

/** One spelling per category: tables write `True`, logs `true`. */
export function canonicalCategory(value: number | string | boolean): string {
  const text = String(value).trim();
  return /^(true|false)$/i.test(text) ? text.toLowerCase() : text;
}

/** The value as a number; undefined when it is none. */
export function numberOf(value: number | string | boolean): number | undefined {
  const number = Number(value);
  return Number.isNaN(number) ? undefined : number;
}
