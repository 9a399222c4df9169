import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fitSoftmaxRegression, probabilitiesOf } from './softmax-regression.js';
import { train } from './training.js';
import { daysBetween, seattleDays, winterDays } from './weather.js';

const folder = mkdtempSync(join(tmpdir(), 'baton-weather-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the weather data', () => {
  it('holds four whole years', () => {
    const days = seattleDays();
    expect(days).toHaveLength(1461);
    expect(days[0]).toEqual({ date: '2012-01-01', values: [0, 12.8, 5, 4.7], kind: 'drizzle' });
  });

  it('keeps winters before a day, and months of a span', () => {
    const winter = winterDays(seattleDays(), '2015-01-01');
    expect(new Set(winter.map((day) => day.date.slice(5, 7)))).toEqual(new Set(['01', '02', '12']));
    expect(winter.every((day) => day.date < '2015')).toBe(true);
    expect(daysBetween(seattleDays(), '2015-01', '2015-03')).toHaveLength(59);
  });
});

describe('softmax regression', () => {
  it('separates two classes and gives probabilities that sum to one', () => {
    const model = fitSoftmaxRegression([[0], [1], [9], [10]], [0, 0, 1, 1], 2);
    const [low, high] = [probabilitiesOf(model, [0.5]), probabilitiesOf(model, [9.5])];
    expect(low[0]).toBeGreaterThan(0.95);
    expect(high[1]).toBeGreaterThan(0.95);
    expect(high.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12);
  });
});

describe('training', () => {
  it('beats the commonest answer and writes the three files', () => {
    const metrics = train(winterDays(seattleDays(), '2015-01-01'), folder);
    expect(metrics.accuracy).toBeGreaterThan(metrics.baseline_accuracy + 0.1);
    expect(JSON.parse(readFileSync(join(folder, 'metrics.json'), 'utf8'))).toEqual(metrics);
    const reference = readFileSync(join(folder, 'reference.csv'), 'utf8').trim().split('\n');
    expect(reference[0]).toBe('precipitation,temp_max,temp_min,wind,label,prediction,split');
    expect(reference).toHaveLength(metrics.train_rows + metrics.test_rows + 1);
  });

  it('gives the same bytes for the same days', () => {
    const days = winterDays(seattleDays(), '2015-01-01');
    train(days, join(folder, 'a'));
    train(days, join(folder, 'b'));
    const [a, b] = ['a', 'b'].map((name) => readFileSync(join(folder, name, 'model.onnx')));
    expect(a?.equals(b ?? Buffer.alloc(0))).toBe(true);
  });
});
