/** Multinomial logistic regression: probabilities = softmax(x · weights + bias). */
export interface SoftmaxRegression {
  /** features × classes, row-major. */
  readonly weights: readonly (readonly number[])[];
  readonly bias: readonly number[];
}

export interface FitOptions {
  readonly steps?: number;
  readonly learningRate?: number;
  /** L2 penalty on the weights of standardised features. */
  readonly penalty?: number;
}

/**
 * Fits by full-batch gradient descent on standardised features, from zero: the same rows give the same model. The
 * standardisation is folded into weights and bias, so the model takes raw values.
 * @param rows n × features
 * @param classes n class indexes below `classCount`
 */
export function fitSoftmaxRegression(
  rows: readonly (readonly number[])[],
  classes: readonly number[],
  classCount: number,
  { steps = 1500, learningRate = 0.5, penalty = 1e-3 }: FitOptions = {},
): SoftmaxRegression {
  const { means, deviations } = moments(rows);
  const scaled = rows.map((row) => row.map((value, i) => (value - at(means, i)) / at(deviations, i)));
  const weights = means.map(() => new Array<number>(classCount).fill(0));
  const bias = new Array<number>(classCount).fill(0);
  for (let step = 0; step < steps; step += 1) {
    const gradient = gradientOf({ weights, bias }, scaled, classes);
    weights.forEach((row, i) =>
      row.forEach((value, k) => {
        row[k] = value - learningRate * (at(at(gradient.weights, i), k) + penalty * value);
      }),
    );
    bias.forEach((value, k) => {
      bias[k] = value - learningRate * at(gradient.bias, k);
    });
  }
  return unscale({ weights, bias }, means, deviations);
}

/** Class probabilities of one row; they sum to 1. */
export function probabilitiesOf(model: SoftmaxRegression, row: readonly number[]): number[] {
  const scores = model.bias.map((bias, k) =>
    row.reduce((sum, value, i) => sum + value * at(at(model.weights, i), k), bias),
  );
  const greatest = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - greatest));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

function gradientOf(model: SoftmaxRegression, rows: readonly (readonly number[])[], classes: readonly number[]) {
  const weights = model.weights.map((row) => row.map(() => 0));
  const bias = model.bias.map(() => 0);
  rows.forEach((row, n) => {
    probabilitiesOf(model, row).forEach((probability, k) => {
      const error = (probability - (classes[n] === k ? 1 : 0)) / rows.length;
      bias[k] = at(bias, k) + error;
      row.forEach((value, i) => {
        const target = at(weights, i);
        target[k] = at(target, k) + error * value;
      });
    });
  });
  return { weights, bias };
}

function moments(rows: readonly (readonly number[])[]): { means: number[]; deviations: number[] } {
  const width = rows[0]?.length ?? 0;
  const columns = Array.from({ length: width }, (_, i) => rows.map((row) => at(row, i)));
  const means = columns.map((column) => column.reduce((sum, value) => sum + value, 0) / rows.length);
  const deviations = columns.map((column, i) => {
    const variance = column.reduce((sum, value) => sum + (value - at(means, i)) ** 2, 0) / rows.length;
    return Math.sqrt(variance) || 1;
  });
  return { means, deviations };
}

function unscale(model: SoftmaxRegression, means: readonly number[], deviations: readonly number[]): SoftmaxRegression {
  const weights = model.weights.map((row, i) => row.map((value) => value / at(deviations, i)));
  const bias = model.bias.map((value, k) => weights.reduce((sum, row, i) => sum - at(row, k) * at(means, i), value));
  return { weights, bias };
}

function at<T>(list: readonly T[], index: number): T {
  const value = list[index];
  if (value === undefined) throw new RangeError(`no element ${index} in a list of ${list.length}`);
  return value;
}
