import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';
import type { SoftmaxRegression } from './softmax-regression.js';

const FLOAT = 1;
const STRING = 8;
const INT_ATTRIBUTE = 2;

/**
 * A softmax regression as an ONNX model (IR version 10, opset 21).
 * Input `features` FP32 [N, features]; outputs `label` string [N] and `probabilities` FP32 [N, classes].
 */
export function toOnnx(model: SoftmaxRegression, classNames: readonly string[]): Uint8Array {
  const root = protobuf.loadSync(fileURLToPath(new URL('../proto/onnx.proto', import.meta.url)));
  const ModelProto = root.lookupType('onnx.ModelProto');
  const featureCount = model.weights.length;
  const graph = {
    name: 'weather',
    node: [
      { opType: 'Gemm', input: ['features', 'weights', 'bias'], output: ['scores'] },
      { opType: 'Softmax', input: ['scores'], output: ['probabilities'], attribute: [integer('axis', -1)] },
      {
        opType: 'ArgMax',
        input: ['scores'],
        output: ['best'],
        attribute: [integer('axis', 1), integer('keepdims', 0)],
      },
      { opType: 'Gather', input: ['classes', 'best'], output: ['label'] },
    ],
    initializer: [
      { name: 'weights', dataType: FLOAT, dims: [featureCount, classNames.length], floatData: model.weights.flat() },
      { name: 'bias', dataType: FLOAT, dims: [classNames.length], floatData: model.bias },
      {
        name: 'classes',
        dataType: STRING,
        dims: [classNames.length],
        stringData: classNames.map((name) => Buffer.from(name)),
      },
    ],
    input: [tensor('features', FLOAT, [featureCount])],
    output: [tensor('label', STRING, []), tensor('probabilities', FLOAT, [classNames.length])],
  };
  const value = { irVersion: 10, producerName: 'baton-weather', graph, opsetImport: [{ domain: '', version: 21 }] };
  return ModelProto.encode(ModelProto.fromObject(value)).finish();
}

function integer(name: string, i: number) {
  return { name, i, type: INT_ATTRIBUTE };
}

/** A tensor whose first dimension is the open number of rows. */
function tensor(name: string, elemType: number, perRow: readonly number[]) {
  const dim = [{ dimParam: 'N' }, ...perRow.map((dimValue) => ({ dimValue }))];
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
}
