import type { TensorSignature } from '@baton/contracts';
import { readFileSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { TestModel } from '../../integration/inference/released-models.js';
import { repositoryPath } from '../repository.js';
import { SESSION_OPTIONS } from './session-options.js';

interface RowTensor extends TensorSignature {
  readonly data: (number | string)[];
}

/** One row of input, and what the model makes of it. */
export interface BenchRow {
  readonly inputs: readonly RowTensor[];
  readonly outputs: readonly RowTensor[];
}

/** A model that is served on all sides, with rows to ask for. */
export interface BenchModel extends TestModel {
  readonly rows: readonly BenchRow[];
}

/** A trained model of the tests, with the rows that Python's onnxruntime has answered. */
export function trainedModel(name: string): BenchModel {
  const read = (file: string) => readFileSync(repositoryPath(`test/data/models/${name}/${file}`));
  const { inputs, outputs, features } = JSON.parse(read('info.json').toString()) as TestModel;
  const expected = JSON.parse(read('expected.json').toString()) as TestModel['expected'];
  const count = expected.inputs[0]?.shape[0] ?? 0;
  const rows = Array.from({ length: count }, (_, row) => ({
    inputs: expected.inputs.map((tensor) => rowOf(tensor as RowTensor, row)),
    outputs: expected.outputs.map((tensor) => rowOf(tensor as RowTensor, row)),
  }));
  return { name, bytes: read('model.onnx'), inputs, outputs, features, expected, rows };
}

/** A model that was made here, with what the runtime answers to the rows. */
export async function madeModel(
  { name, bytes, inputs, outputs }: Pick<TestModel, 'name' | 'bytes' | 'inputs' | 'outputs'>,
  values: readonly Float32Array[],
): Promise<BenchModel> {
  const session = await InferenceSession.create(bytes, SESSION_OPTIONS);
  const [input] = inputs;
  if (!input) throw new Error(`${name} has no input`);
  const shape = [1, ...input.shape.slice(1)];
  const rows: BenchRow[] = [];
  for (const data of values) {
    const answer = await session.run({ [input.name]: new Tensor('float32', data, shape) });
    const made = outputs.map((output) => {
      const tensor = answer[output.name];
      return { ...output, shape: [...(tensor?.dims ?? [])], data: [...((tensor?.data ?? []) as Float32Array)] };
    });
    rows.push({ inputs: [{ ...input, shape, data: [...data] }], outputs: made });
  }
  await session.release();
  return { name, bytes, inputs, outputs, features: [], expected: { inputs: [], outputs: [] }, rows };
}

function rowOf(tensor: RowTensor, row: number): RowTensor {
  const width = tensor.data.length / (tensor.shape[0] ?? 1);
  const data = tensor.data.slice(row * width, (row + 1) * width);
  return { ...tensor, shape: [1, ...tensor.shape.slice(1)], data };
}
