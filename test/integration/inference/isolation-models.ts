import type { ModelTensor } from '@baton/inference/runtime/tensors';
import { ModelProcess } from '@baton/inference/isolation/model-process';
import type { ModelProcessOptions } from '@baton/inference/isolation/model-runner';
import { datatypes, type Datatype, type TensorSignature } from '@baton/contracts';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';
import { elementTypes } from '../../support/element-types.js';

type Plain = Record<string, unknown>;

export interface IsolatedModel {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly inputs: TensorSignature[];
  readonly outputs: TensorSignature[];
}

const GRAPH = 5;
const INT = 2;

const proto = fileURLToPath(new URL('../../support/onnx.proto', import.meta.url));
const ModelProto = protobuf.loadSync(proto).lookupType('onnx.ModelProto');

function valueInfo({ name, datatype, shape }: TensorSignature): Plain {
  const dim = shape.map((size, index) => (size < 0 ? { dimParam: `${name}${index}` } : { dimValue: size }));
  return { name, type: { tensorType: { elemType: elementTypes[datatype], shape: { dim } } } };
}

function model(name: string, inputs: TensorSignature[], outputs: TensorSignature[], graph: Plain): IsolatedModel {
  const whole = { name, ...graph, input: inputs.map(valueInfo), output: outputs.map(valueInfo) };
  const message = { irVersion: 10, opsetImport: [{ domain: '', version: 21 }], graph: whole };
  return { name, bytes: ModelProto.encode(ModelProto.fromObject(message)).finish(), inputs, outputs };
}

const tensor = (name: string, datatype: Datatype, ...shape: number[]): TensorSignature => ({ name, datatype, shape });
const withoutDimensions = [{ name: 'keepdims', type: INT, i: 0 }];

/** Gives every input of the given datatypes back: `FP32` as `FP32_out`, … */
export function echo(types: readonly Datatype[] = datatypes, shape = [-1, 2]): IsolatedModel {
  const node = types.map((type) => ({ opType: 'Identity', input: [type], output: [`${type}_out`] }));
  const inputs = types.map((type) => tensor(type, type, ...shape));
  const outputs = types.map((type) => tensor(`${type}_out`, type, ...shape));
  return model('echo', inputs, outputs, { node });
}

/** y = x for x [N, 1], unless one of them is positive: then it never ends. */
export function endlessWhenPositive(): IsolatedModel {
  const [go, goOn] = [valueInfo(tensor('go', 'BOOL')), valueInfo(tensor('go_on', 'BOOL'))];
  const [sum, more] = [valueInfo(tensor('sum', 'FP32', -1, 1)), valueInfo(tensor('more', 'FP32', -1, 1))];
  const body = {
    name: 'body',
    node: [
      { opType: 'Identity', input: ['go'], output: ['go_on'] },
      { opType: 'Add', input: ['sum', 'zero'], output: ['more'] },
    ],
    initializer: [{ name: 'zero', dims: [1], dataType: elementTypes.FP32, floatData: [0] }],
    input: [valueInfo(tensor('turn', 'INT64')), go, sum],
    output: [goOn, more],
  };
  return model('endless', [tensor('x', 'FP32', -1, 1)], [tensor('y', 'FP32', -1, 1)], {
    node: [
      { opType: 'ReduceMax', input: ['x'], output: ['top'], attribute: withoutDimensions },
      { opType: 'Greater', input: ['top', 'nothing'], output: ['is_positive'] },
      {
        opType: 'Loop',
        input: ['', 'is_positive', 'x'],
        output: ['y'],
        attribute: [{ name: 'body', type: GRAPH, g: body }],
      },
    ],
    initializer: [{ name: 'nothing', dims: [], dataType: elementTypes.FP32, floatData: [0] }],
  });
}

/** The sum of as many zeros as its input says, all of them in memory. */
export function zerosOfShape(): IsolatedModel {
  return model('eater', [tensor('shape', 'INT64', -1)], [tensor('y', 'FP32')], {
    node: [
      { opType: 'ConstantOfShape', input: ['shape'], output: ['zeros'] },
      { opType: 'ReduceSum', input: ['zeros'], output: ['y'], attribute: withoutDimensions },
    ],
  });
}

/** As many zeros as its input says. */
export function zerosAnswered(): IsolatedModel {
  return model('zeros', [tensor('shape', 'INT64', -1)], [tensor('y', 'FP32', -1)], {
    node: [{ opType: 'ConstantOfShape', input: ['shape'], output: ['y'] }],
  });
}

export function startProcess(
  { name, bytes, inputs, outputs }: IsolatedModel,
  options: Partial<ModelProcessOptions> = {},
): Promise<ModelProcess> {
  return ModelProcess.start({
    name,
    bytes: () => Promise.resolve(bytes),
    signature: { inputs, outputs },
    memoryMb: 256,
    runTimeoutMs: 10_000,
    ...options,
  });
}

export const rows = (...values: number[]): ModelTensor[] => [
  { name: 'x', datatype: 'FP32', shape: [values.length, 1], data: Float32Array.from(values) },
];

export const shapeOf = (...sizes: number[]): ModelTensor[] => [
  { name: 'shape', datatype: 'INT64', shape: [sizes.length], data: BigInt64Array.from(sizes, BigInt) },
];
