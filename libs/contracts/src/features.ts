import type { TensorSignature } from './tensors.js';

/** Columns of a reference table that tell about the answer, not about the question. */
const ANSWER_COLUMNS = new Set(['label', 'prediction', 'score', 'split', 'timestamp']);

/**
 * Values per row that a tensor holds: 1 for shapes [N] and [N, 1], k for [N, k], the product for more.
 * Undefined when a dimension after the first is open: such a tensor has no named features.
 */
export function featureCount(tensor: Pick<TensorSignature, 'shape'>): number | undefined {
  const perRow = tensor.shape.slice(1);
  return perRow.some((size) => size < 0) ? undefined : perRow.reduce((product, size) => product * size, 1);
}

/**
 * Names of the features in the order in which the inputs hold them. One value per row is named as its input; a wider
 * input takes the reference's feature columns when their number fits, else `<input>.<index>`.
 */
export function featureNames(inputs: readonly TensorSignature[], referenceColumns: readonly string[] = []): string[] {
  const columns = referenceColumns.filter((column) => !ANSWER_COLUMNS.has(column));
  return inputs.flatMap((input) => {
    const count = featureCount(input);
    if (count === undefined) return [];
    if (count === 1) return [input.name];
    if (inputs.length === 1 && columns.length === count) return columns;
    return Array.from({ length: count }, (_, index) => `${input.name}.${index}`);
  });
}
