import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TrialError, trialRun } from './trial-run.js';

const LIMITS = { timeoutMs: 20_000, memoryMb: 512 };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'baton-trial-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const modelFile = (name: string) =>
  fileURLToPath(new URL(`../../../../test/data/models/${name}/model.onnx`, import.meta.url));

/** A field of protobuf: a number, or bytes of less than 128. */
function field(number: number, ...content: (number | string | Buffer)[]): Buffer {
  const [first] = content;
  if (typeof first === 'number') return Buffer.from([number * 8, first]);
  const body = Buffer.concat(content.map((part) => Buffer.from(part as string)));
  return Buffer.concat([Buffer.from([number * 8 + 2, body.length]), body]);
}

/** TypeProto of [N, 2]. */
const matrix = (type: number) => field(1, field(1, type), field(2, field(1, field(2, 'N')), field(1, field(1, 2))));

/** One node that makes y of x and x. */
function model(operator: string, input: Buffer, output: Buffer): Buffer {
  const node = [field(1, 'x'), field(1, 'x'), field(2, 'y'), field(4, operator)];
  const values = [field(11, field(1, 'x'), field(2, input)), field(12, field(1, 'y'), field(2, output))];
  const graph = field(7, field(1, ...node), field(2, 'g'), ...values);
  return Buffer.concat([field(1, 10), graph, field(8, field(1, ''), field(2, 21))]);
}

function written(name: string, bytes: Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

describe('the trial of a model', { timeout: 30_000 }, () => {
  it('sees the tensor that ZipMap makes its maps of', async () => {
    const { outputs } = await trialRun(modelFile('iris_zipmap'), LIMITS);
    expect(outputs).toEqual([
      { name: 'output_label', type: 'string', shape: [-1] },
      { name: 'output_probability', type: 'float32', shape: [-1, 3] },
    ]);
  });

  it('runs numbers of 16 bits', async () => {
    const tensor = { type: 'float16', shape: [-1, 2] };
    const { inputs, outputs } = await trialRun(written('half.onnx', model('Mul', matrix(10), matrix(10))), LIMITS);
    expect([inputs, outputs]).toEqual([[{ name: 'x', ...tensor }], [{ name: 'y', ...tensor }]]);
  });

  it('refuses other sequences', async () => {
    const sequence = field(4, field(1, matrix(1)));
    const run = trialRun(written('sequence.onnx', model('SequenceConstruct', matrix(1), sequence)), LIMITS);
    await expect(run).rejects.toThrow(TrialError);
    await expect(run).rejects.toThrow(/"y" is no tensor \(sequence\)/);
  });
});
