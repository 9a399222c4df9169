import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toOnnx } from './onnx-model.js';
import { fitSoftmaxRegression, probabilitiesOf, type SoftmaxRegression } from './softmax-regression.js';
import { features, kinds, type Day } from './weather.js';

/** Every fifth day is kept for the test. */
const TEST_EVERY = 5;

/** Share of right answers and mean negative log likelihood on the test days, and what always saying the commonest gives. */
export interface Metrics {
  readonly accuracy: number;
  readonly log_loss: number;
  readonly baseline_accuracy: number;
  readonly train_rows: number;
  readonly test_rows: number;
}

/** Trains on the days and writes `model.onnx`, `metrics.json` and `reference.csv` into the folder. */
export function train(days: readonly Day[], folder: string): Metrics {
  const trainDays = days.filter((_, index) => index % TEST_EVERY !== 0);
  const testDays = days.filter((_, index) => index % TEST_EVERY === 0);
  const model = fitSoftmaxRegression(
    trainDays.map((day) => day.values),
    trainDays.map((day) => kinds.indexOf(day.kind)),
    kinds.length,
  );
  const metrics = measure(model, trainDays, testDays);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'model.onnx'), toOnnx(model, kinds));
  writeFileSync(join(folder, 'metrics.json'), `${JSON.stringify(metrics, null, 2)}\n`);
  writeFileSync(join(folder, 'reference.csv'), referenceOf(model, days));
  return metrics;
}

function measure(model: SoftmaxRegression, trainDays: readonly Day[], testDays: readonly Day[]): Metrics {
  const counts = kinds.map((kind) => trainDays.filter((day) => day.kind === kind).length);
  const commonest = kinds[counts.indexOf(Math.max(...counts))];
  const share = (right: (day: Day) => boolean) => testDays.filter(right).length / testDays.length;
  const losses = testDays.map((day) => {
    const probability = probabilitiesOf(model, day.values)[kinds.indexOf(day.kind)] ?? 0;
    return -Math.log(Math.max(probability, Number.EPSILON));
  });
  return {
    accuracy: share((day) => predictedKind(model, day) === day.kind),
    log_loss: losses.reduce((sum, loss) => sum + loss, 0) / losses.length,
    baseline_accuracy: share((day) => day.kind === commonest),
    train_rows: trainDays.length,
    test_rows: testDays.length,
  };
}

function predictedKind(model: SoftmaxRegression, day: Day): string {
  const probabilities = probabilitiesOf(model, day.values);
  return kinds[probabilities.indexOf(Math.max(...probabilities))] ?? '';
}

function referenceOf(model: SoftmaxRegression, days: readonly Day[]): string {
  const lines = days.map((day, index) => {
    const split = index % TEST_EVERY === 0 ? 'test' : 'train';
    return [...day.values, day.kind, predictedKind(model, day), split].join(',');
  });
  return `${[[...features, 'label', 'prediction', 'split'].join(','), ...lines].join('\n')}\n`;
}
