/**
 * A size or a number of a shape as it depends on the rows of a run: `factor · rows^power`. With a power it never
 * shrinks as rows are added, so what holds for the most rows holds for fewer. Sizes that do not grow that way
 * (`1000 / rows`, `rows - 5`) cannot be written down: a rule that meets one says that the model is not bounded.
 * Meant for one row and more: at no rows at all, shapes may come out otherwise.
 */
export interface Size {
  readonly factor: number;
  readonly power: number;
}

/** Thrown by a rule with the reason why memory or time are not bounded. */
export class UnboundedError extends Error {
  override readonly name = 'UnboundedError';
}

export const ONE = fixed(1);
export const ROWS: Size = { factor: 1, power: 1 };

export function fixed(factor: number): Size {
  return { factor, power: 0 };
}

/** The number, if it is the same for all rows. */
export function constant(size: Size | undefined): number | undefined {
  return size?.power === 0 ? size.factor : undefined;
}

export function isSame(a: Size, b: Size): boolean {
  return a.factor === b.factor && (a.power === b.power || a.factor === 0);
}

export function isOne(size: Size): boolean {
  return size.power === 0 && size.factor === 1;
}

export function times(...sizes: readonly Size[]): Size {
  return sizes.reduce((a, b) => ({ factor: a.factor * b.factor, power: a.power + b.power }), ONE);
}

/** Undefined where the sum is not of the form. */
export function plus(a: Size, b: Size): Size | undefined {
  if (a.factor === 0) return b;
  if (b.factor === 0) return a;
  return a.power === b.power ? { factor: a.factor + b.factor, power: a.power } : undefined;
}

/** Undefined unless it comes out even for all rows. */
export function over(a: Size, b: Size): Size | undefined {
  if (b.factor === 0 || a.factor % b.factor !== 0 || a.power < b.power) return undefined;
  return { factor: a.factor / b.factor, power: a.power - b.power };
}

export function at(size: Size, rows: number): number {
  return size.factor * rows ** size.power;
}
