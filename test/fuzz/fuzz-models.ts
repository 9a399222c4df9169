import type { Datatype, EndpointPolicy, TensorSignature } from '@baton/contracts';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';
import { elementTypes } from '../support/element-types.js';
import { openPolicy, type ExpectedTensor, type TestModel } from '../integration/inference/released-models.js';

const allTypes = Object.keys(elementTypes) as Datatype[];

const root = repositoryRoot();
const ModelProto = new protobuf.Root().loadSync(join(root, 'test/support/onnx.proto')).lookupType('onnx.ModelProto');

/** What is served while it is fuzzed. */
export interface FuzzEndpoint {
  readonly endpoint: string;
  readonly model: TestModel;
  readonly policy: EndpointPolicy;
  /** How often it is asked, next to the others. */
  readonly share: number;
}

/** Models of every kind of reading: floats, texts, all datatypes, open widths, maps, runs that fail, a process apart. */
export function fuzzEndpoints(): FuzzEndpoint[] {
  const endpoint = (name: string, model: TestModel, share: number, policy: Partial<EndpointPolicy> = {}) => {
    return { endpoint: name, model, share, policy: { ...openPolicy, ...policy } };
  };
  return [
    endpoint('iris', trained('iris'), 6),
    endpoint('dated', trained('iris'), 2, { eventTime: true, record: 'sync' }),
    endpoint('loans', trained('car_loan_v1'), 5, { logging: 'hash' }),
    endpoint('zipmap', trained('iris_zipmap'), 2),
    endpoint('echo', echo(), 6),
    endpoint('open-rows', openRows(), 2),
    endpoint('lookup', lookup(), 2, { logging: 'none' }),
    endpoint('apart', apart(), 2),
  ];
}

/** A model of `test/data/models`. */
function trained(name: string): TestModel {
  const read = (file: string) => readFileSync(join(root, 'test/data/models', name, file));
  const { inputs, outputs, features } = JSON.parse(read('info.json').toString()) as TestModel;
  const expected = JSON.parse(read('expected.json').toString()) as TestModel['expected'];
  return { name, bytes: read('model.onnx'), inputs, outputs, features, expected };
}

/** Which of x are no zeros. How many that are, only a run shows: it has a process of its own. */
function apart(): TestModel {
  const [inputs, outputs] = [[tensor('x', 'FP32', -1)], [tensor('y', 'INT64', 1, -1)]];
  const node = [{ opType: 'NonZero', input: ['x'], output: ['y'] }];
  return made('apart', { inputs, outputs, node, rows: [{ ...oneOf(inputs), shape: [3], data: [0, 1, 2] }] });
}

/** Gives every input back, one of each datatype. */
function echo(): TestModel {
  const node = allTypes.map((type) => ({ opType: 'Identity', input: [type], output: [`${type}_out`] }));
  const inputs = allTypes.map((type) => tensor(type, type, -1, 2));
  const outputs = allTypes.map((type) => tensor(`${type}_out`, type, -1, 2));
  const data = (type: Datatype): (number | string | boolean)[] => {
    if (type === 'BYTES') return ['', 'π\n漢'];
    return type === 'BOOL' ? [true, false] : [1, 0];
  };
  const rows = inputs.map((input) => ({
    ...input,
    shape: [1, 2],
    data: data(input.datatype) as ExpectedTensor['data'],
  }));
  return made('echo', { inputs, outputs, node, rows });
}

/** y = x · x for rows of any width. */
function openRows(): TestModel {
  const [inputs, outputs] = [[tensor('x', 'FP32', -1, -1)], [tensor('y', 'FP32', -1, -1)]];
  const node = [{ opType: 'Mul', input: ['x', 'x'], output: ['y'] }];
  return made('open-rows', { inputs, outputs, node, rows: [{ ...oneOf(inputs), shape: [2, 3], data: zeros(6) }] });
}

/** y = table[index]: it fails on an index that leads nowhere. */
function lookup(): TestModel {
  const [inputs, outputs] = [[tensor('index', 'INT64', -1)], [tensor('y', 'FP32', -1)]];
  const node = [{ opType: 'Gather', input: ['table', 'index'], output: ['y'] }];
  const initializer = [{ name: 'table', dims: [4], dataType: elementTypes.FP32, floatData: [10, 20, 30, 40] }];
  return made('lookup', { inputs, outputs, node, initializer, rows: [{ ...oneOf(inputs), shape: [2], data: [0, 3] }] });
}

interface Made {
  readonly inputs: TensorSignature[];
  readonly outputs: TensorSignature[];
  readonly node: object[];
  readonly initializer?: object[];
  readonly rows: ExpectedTensor[];
}

function made(name: string, { inputs, outputs, node, initializer = [], rows }: Made): TestModel {
  const graph = { name, node, initializer, input: inputs.map(valueInfo), output: outputs.map(valueInfo) };
  const message = { irVersion: 10, opsetImport: [{ domain: '', version: 21 }], graph };
  const bytes = Buffer.from(ModelProto.encode(ModelProto.fromObject(message)).finish());
  return { name, bytes, inputs, outputs, features: [], expected: { inputs: rows, outputs: [] } };
}

function valueInfo({ name, datatype, shape }: TensorSignature): object {
  const dim = shape.map((size, index) => (size < 0 ? { dimParam: `D${index}` } : { dimValue: size }));
  return { name, type: { tensorType: { elemType: elementTypes[datatype], shape: { dim } } } };
}

function tensor(name: string, datatype: Datatype, ...shape: number[]): TensorSignature {
  return { name, datatype, shape };
}

function zeros(count: number): number[] {
  return new Array<number>(count).fill(0);
}

function oneOf(inputs: readonly TensorSignature[]): TensorSignature {
  return inputs[0] as TensorSignature;
}

/** This file may be run where it is, or compiled elsewhere. */
export function repositoryRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'nx.json'))) folder = dirname(folder);
  return folder;
}
