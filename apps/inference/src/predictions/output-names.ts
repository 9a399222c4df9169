import { featureCount, featureNames, type TensorSignature } from '@baton/contracts';

/** Names of the values of a row of outputs, by the rule of the inputs: `label`, `probabilities.0`, … */
export function outputNames(outputs: readonly TensorSignature[]): string[] {
  return outputs.flatMap((output) => {
    const perRow = output.shape.slice(1);
    const known = { ...output, shape: [-1, ...perRow] };
    return featureCount(known) === undefined ? [] : featureNames([known]);
  });
}
