import { BatonClient, type InferRequest } from '@baton/client';
import type { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { cliConnection } from '../config.js';
import { print, table, type Cell } from '../output.js';

interface PredictOptions {
  file: string;
  json?: boolean;
}

/** `baton predict ENDPOINT --file request.json|rows.csv`. */
export function addPredict(program: Command): void {
  program
    .command('predict')
    .description('ask an endpoint')
    .argument('<endpoint>')
    .requiredOption('--file <path>', 'request of the Open Inference Protocol (.json), or rows with a header (.csv)')
    .option('--json')
    .action(async (endpoint: string, options: PredictOptions) => {
      const { inference } = new BatonClient(cliConnection());
      const text = readFileSync(options.file, 'utf8');
      if (options.file.endsWith('.csv')) {
        const answer = await inference.predictCsv(endpoint, text);
        print(answer, options, () => `${rowsTable(answer.rows)}\nprediction ${answer.prediction}`);
        return;
      }
      const answer = await inference.infer(endpoint, JSON.parse(text) as InferRequest);
      print(answer, options, () => {
        const rows = answer.outputs.map((output) => [
          output.name,
          output.datatype,
          output.shape.join('×'),
          sample(output.data),
        ]);
        return `${table(['output', 'type', 'shape', 'data'], rows)}\nprediction ${answer.parameters.prediction}`;
      });
    });
}

function rowsTable(rows: readonly Record<string, unknown>[]): string {
  const names = Object.keys(rows[0] ?? {});
  return table(
    ['row', ...names],
    rows.map((row, index) => [index + 1, ...names.map((name) => cell(row[name]))]),
  );
}

function sample(data: readonly unknown[], most = 8): string {
  return `${data.slice(0, most).map(cell).join(', ')}${data.length > most ? ', …' : ''}`;
}

function cell(value: unknown): Cell {
  if (typeof value === 'number' && !Number.isInteger(value)) return value.toPrecision(5);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : JSON.stringify(value);
}
