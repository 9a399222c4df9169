import type { Datatype, TensorSignature } from '@baton/contracts';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';
import { elementTypes } from '../../support/element-types.js';
import type { TestModel } from './released-models.js';

type Plain = Record<string, unknown>;

export const echoed = Object.keys(elementTypes) as Datatype[];

const proto = fileURLToPath(new URL('../../support/onnx.proto', import.meta.url));
const ModelProto = protobuf.loadSync(proto).lookupType('onnx.ModelProto');

function valueInfo({ name, datatype, shape }: TensorSignature): Plain {
  const dim = shape.map((size, index) =>
    size < 0 ? { dimParam: index === 0 ? 'N' : `D${index}` } : { dimValue: size },
  );
  return { name, type: { tensorType: { elemType: elementTypes[datatype], shape: { dim } } } };
}

function model(name: string, inputs: TensorSignature[], outputs: TensorSignature[], graph: Plain): TestModel {
  const whole = { name, ...graph, input: inputs.map(valueInfo), output: outputs.map(valueInfo) };
  const message = { irVersion: 10, opsetImport: [{ domain: '', version: 21 }], graph: whole };
  const bytes = Buffer.from(ModelProto.encode(ModelProto.fromObject(message)).finish());
  return { name, bytes, inputs, outputs, features: [], expected: { inputs: [], outputs: [] } };
}

const tensor = (name: string, datatype: Datatype, ...shape: number[]): TensorSignature => ({ name, datatype, shape });

/** Gives every input back, one of each datatype: `FP32` as `FP32_out`, … */
export function echo(): TestModel {
  const node = echoed.map((type) => ({ opType: 'Identity', input: [type], output: [`${type}_out`] }));
  const inputs = echoed.map((type) => tensor(type, type, -1, 2));
  const outputs = echoed.map((type) => tensor(`${type}_out`, type, -1, 2));
  return model('echo', inputs, outputs, { node });
}

/** y = table[index]: it fails on an index that leads nowhere. */
export function lookup(): TestModel {
  return model('lookup', [tensor('index', 'INT64', -1)], [tensor('y', 'FP32', -1)], {
    node: [{ opType: 'Gather', input: ['table', 'index'], output: ['y'] }],
    initializer: [{ name: 'table', dims: [4], dataType: elementTypes.FP32, floatData: [10, 20, 30, 40] }],
  });
}

/** The share of each row in the sum of all rows of a run: rows are not apart. */
export function shares(): TestModel {
  return model('shares', [tensor('x', 'FP32', -1, 1)], [tensor('y', 'FP32', -1, 1)], {
    node: [{ opType: 'Softmax', input: ['x'], output: ['y'], attribute: [{ name: 'axis', type: 2, i: 0 }] }],
  });
}

/** y = x · x for rows of any length. */
export function openRows(): TestModel {
  return model('open-rows', [tensor('x', 'FP32', -1, -1)], [tensor('y', 'FP32', -1, -1)], {
    node: [{ opType: 'Mul', input: ['x', 'x'], output: ['y'] }],
  });
}
