import type { TensorSignature } from '@baton/contracts';
import protobuf from 'protobufjs';
import { repositoryPath } from '../repository.js';

const root = new protobuf.Root().loadSync(repositoryPath('test/support/onnx.proto'));
const ModelProto = root.lookupType('onnx.ModelProto');
// The tests' excerpt of the schema has no lists of numbers.
if (!root.lookupType('onnx.AttributeProto').fields['ints']) {
  const ints = new protobuf.Field('ints', 8, 'int64', 'repeated', undefined, { packed: false });
  root.lookupType('onnx.AttributeProto').add(ints);
}
/** ONNX's numbers (onnx.proto: TensorProto.DataType, AttributeProto.AttributeType). */
const elementTypes: Record<string, number> = { FP32: 1, INT64: 7 };
const INTS = 7;

interface Node {
  readonly opType: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute?: readonly object[];
}

interface Graph {
  readonly inputs: readonly TensorSignature[];
  readonly outputs: readonly TensorSignature[];
  readonly nodes: readonly Node[];
  readonly weights: readonly Weight[];
  /** Makes models of equal weights differ in their bytes. */
  readonly note?: string;
}

export interface Weight {
  readonly name: string;
  readonly dims: readonly number[];
  readonly values: Float32Array | BigInt64Array;
}

/** The bytes of an ONNX model. */
export function onnxModel({ inputs, outputs, nodes, weights, note = '' }: Graph): Buffer {
  const message = {
    irVersion: 10,
    opsetImport: [{ domain: '', version: 21 }],
    docString: note,
    graph: {
      name: 'bench',
      node: nodes,
      input: inputs.map(valueInfo),
      output: outputs.map(valueInfo),
      initializer: weights.map(({ name, dims, values }) => ({
        ...{ name, dims },
        dataType: values instanceof Float32Array ? elementTypes['FP32'] : elementTypes['INT64'],
        rawData: Buffer.from(values.buffer, values.byteOffset, values.byteLength),
      })),
    },
  };
  return Buffer.from(ModelProto.encode(ModelProto.fromObject(message)).finish());
}

export function intsAttribute(name: string, ...ints: number[]): object {
  return { name, type: INTS, ints };
}

export function fp32(name: string, ...shape: number[]): TensorSignature {
  return { name, datatype: 'FP32', shape };
}

function valueInfo({ name, datatype, shape }: TensorSignature): object {
  const dim = shape.map((size) => (size < 0 ? { dimParam: 'N' } : { dimValue: size }));
  return { name, type: { tensorType: { elemType: elementTypes[datatype], shape: { dim } } } };
}
