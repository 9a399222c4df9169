import { featureCount, featureNames, type TensorSignature } from '@baton/contracts';

/** A colour picture of 80 by 80 points fits. */
const MAX_FEATURES = 20_000;

/**
 * Names of a model's features; none when a row has more values than anybody would look at one by one. They travel in
 * every event and plan of the version.
 */
export function namedFeatures(inputs: readonly TensorSignature[], referenceColumns: readonly string[]): string[] {
  const count = inputs.reduce((sum, input) => sum + (featureCount(input) ?? 0), 0);
  return count > MAX_FEATURES ? [] : featureNames(inputs, referenceColumns);
}
