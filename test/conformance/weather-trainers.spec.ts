import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ort from 'onnxruntime-node';
import { train } from '@baton/weather/training';
import { seattleDays, winterDays } from '@baton/weather/weather';
import { afterAll, describe, expect, it } from 'vitest';
import { pythonVenv } from '../support/python-venv.js';

const UNTIL = '2015-01-01';
const folder = mkdtempSync(join(tmpdir(), 'baton-trainers-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Rows of a reference table by column. */
function readTable(file: string): Record<string, string>[] {
  const [header = '', ...lines] = readFileSync(file, 'utf8').trim().split('\n');
  const names = header.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((value, i) => [String(names[i]), value])));
}

/** What the ONNX model answers to the features of the rows. */
async function answers(modelFile: string, rows: Record<string, string>[]) {
  const session = await ort.InferenceSession.create(modelFile, { intraOpNumThreads: 1 });
  const values = rows.flatMap((row) =>
    ['precipitation', 'temp_max', 'temp_min', 'wind'].map((name) => Number(row[name])),
  );
  const outputs = await session.run({ features: new ort.Tensor('float32', values, [rows.length, 4]) });
  return { labels: outputs['label']?.data as unknown as string[], probabilities: outputs['probabilities'] };
}

describe('the weather trainers', () => {
  it('Node: the ONNX model gives the predictions of its reference table', async () => {
    train(winterDays(seattleDays(), UNTIL), join(folder, 'node'));
    const rows = readTable(join(folder, 'node', 'reference.csv'));
    const { labels, probabilities } = await answers(join(folder, 'node', 'model.onnx'), rows);
    expect([...labels]).toEqual(rows.map((row) => row['prediction']));
    expect(probabilities?.dims).toEqual([rows.length, 5]);
  });

  it(
    'Python: trains on the same days, and its ONNX model gives what scikit-learn gave',
    { timeout: 400_000 },
    async () => {
      const example = fileURLToPath(new URL('../../examples/weather/python/', import.meta.url));
      const requirements = readFileSync(join(example, 'requirements.txt'), 'utf8').trim().split('\n');
      const venv = await pythonVenv('weather', requirements);
      const data = fileURLToPath(new URL('../../node_modules/vega-datasets/data/seattle-weather.csv', import.meta.url));
      const out = join(folder, 'python');
      execFileSync(venv.python, [join(example, 'train.py'), '--data', data, '--out', out, '--until', UNTIL], {
        timeout: 120_000,
      });
      const rows = readTable(join(out, 'reference.csv'));
      const { labels } = await answers(join(out, 'model.onnx'), rows);
      expect([...labels]).toEqual(rows.map((row) => row['prediction']));
      const metrics = JSON.parse(readFileSync(join(out, 'metrics.json'), 'utf8')) as Record<string, number>;
      expect(metrics['accuracy']).toBeGreaterThan(Number(metrics['baseline_accuracy']));
      const days = winterDays(seattleDays(), UNTIL);
      expect(rows.map((row) => row['label'])).toEqual(days.map((day) => day.kind));
    },
  );
});
