import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GrpcCalls, rawBytes, readRaw } from '../integration/inference/grpc-calls.js';
import { testModel, type ExpectedTensor, type TestModel } from '../integration/inference/released-models.js';
import { RunningInference, type InferAnswer } from '../integration/inference/running-inference.js';

/*
 * The answers of Python's onnxruntime, which ran the 20 rows of every `expected.json` at once, over every way to ask
 * and in every company a row may have.
 */

const names = [
  'iris',
  'iris_zipmap',
  'digits',
  'diabetes',
  'breast_cancer',
  'breast_cancer_rf',
  'car_loan_v1',
  'car_loan_v2',
  'car_loan_v3',
  'slow_conv',
];
const ROWS = 20;
const ROUNDS = 5;
/** Relative and absolute. */
const TOLERANCE = 1e-6;

type Values = (number | string)[];
type Outputs = Readonly<Record<string, Values>>;
type Ask = (model: TestModel, inputs: readonly ExpectedTensor[]) => Promise<Outputs>;

let baton: RunningInference;
let grpc: GrpcCalls;
const models = new Map(names.map((name) => [name, goldenModel(name)]));

beforeAll(async () => {
  // Of all that wait none is refused, however slow the machine is.
  baton = await RunningInference.start({ requestTimeoutMs: 60_000 });
  for (const model of models.values()) await baton.deploy(model.name, model);
  grpc = new GrpcCalls(`127.0.0.1:${baton.config.grpcPort}`);
});

afterAll(async () => {
  grpc?.close();
  await baton?.remove();
});

const ways: Readonly<Record<string, Ask>> = {
  'REST JSON': async ({ name }, inputs) => {
    const { status, body } = await baton.infer(name, { inputs });
    expect([status, body.error]).toEqual([200, undefined]);
    return Object.fromEntries((body.outputs ?? []).map((output) => [output.name, output.data as Values]));
  },
  'REST binary': async ({ name }, inputs) => {
    const contents = inputs.map(({ datatype, data }) => rawBytes(datatype, data));
    const tensors = inputs.map((input, index) => {
      return { ...head(input), parameters: { binary_data_size: contents[index]?.length } };
    });
    const json = Buffer.from(JSON.stringify({ inputs: tensors, parameters: { binary_data_output: true } }));
    const response = await fetch(`${baton.url}/v2/models/${name}/infer`, {
      method: 'POST',
      headers: { ...baton.keys.predictor, 'inference-header-content-length': String(json.length) },
      body: Uint8Array.from(Buffer.concat([json, ...contents])),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    expect([response.status, response.status === 200 ? '' : String(bytes)]).toEqual([200, '']);
    return fromBinary(bytes, Number(response.headers.get('inference-header-content-length')));
  },
  'gRPC raw': ({ name }, inputs) => {
    const raw_input_contents = inputs.map(({ datatype, data }) => rawBytes(datatype, data));
    return overGrpc({ model_name: name, inputs: inputs.map(head), raw_input_contents });
  },
  'gRPC typed': ({ name }, inputs) => {
    return overGrpc({ model_name: name, inputs: inputs.map((input) => ({ ...head(input), contents: typed(input) })) });
  },
};

describe.each(Object.keys(ways))('%s answers as Python’s onnxruntime does', (way) => {
  const ask = ways[way] as Ask;

  it.each(names)('%s: 20 rows in one request', async (name) => {
    const model = modelOf(name);
    expectClose(await ask(model, model.expected.inputs), model.expected.outputs);
  });

  it.each(names)('%s: each row alone', async (name) => {
    const model = modelOf(name);
    for (let row = 0; row < ROWS; row += 1) {
      const answer = await ask(model, rowOf(model.expected.inputs, row));
      expectClose(answer, rowOf(model.expected.outputs, row));
    }
  });

  it.each(names)('%s: 20 requests of one row that run together', async (name) => {
    const model = modelOf(name);
    const all = Array.from({ length: ROWS }, (_, row) => row);
    let runs = ROWS;
    // The first time they may come one by one, each on a connection that is only being made.
    for (let round = 0; round < ROUNDS && runs === ROWS; round += 1) {
      const before = await runsOf(name);
      const answers = await Promise.all(all.map((row) => ask(model, rowOf(model.expected.inputs, row))));
      answers.forEach((answer, row) => expectClose(answer, rowOf(model.expected.outputs, row)));
      runs = (await runsOf(name)) - before;
    }
    expect(runs).toBeLessThan(ROWS);
  });
});

async function overGrpc(request: object): Promise<Outputs> {
  const { code, message, body } = await grpc.call('ModelInfer', request, baton.keys.predictor);
  expect([code, message]).toEqual([0, '']);
  const contents = body['raw_output_contents'] as Buffer[];
  const outputs = body['outputs'] as ExpectedTensor[];
  return Object.fromEntries(
    outputs.map(({ name, datatype }, index) => [name, readRaw(datatype, contents[index] ?? Buffer.alloc(0))]),
  );
}

function fromBinary(bytes: Buffer, headerLength: number): Outputs {
  const { outputs = [] } = JSON.parse(bytes.toString('utf8', 0, headerLength)) as InferAnswer;
  let at = headerLength;
  return Object.fromEntries(
    outputs.map((output) => {
      const { name, datatype, parameters } = output as typeof output & { parameters: { binary_data_size: number } };
      const start = at;
      at += parameters.binary_data_size;
      return [name, readRaw(datatype, bytes.subarray(start, at))];
    }),
  );
}

function expectClose(answer: Outputs, expected: readonly ExpectedTensor[]): void {
  expect(Object.keys(answer)).toEqual(expected.map(({ name }) => name));
  for (const { name, data, datatype } of expected) {
    const got = answer[name] ?? [];
    // Said in full, with every value.
    if (!isClose(got, data, datatype === 'FP32' ? TOLERANCE : 0)) expect({ [name]: got }).toEqual({ [name]: data });
  }
}

function isClose(got: readonly unknown[], expected: Values, tolerance: number): boolean {
  if (got.length !== expected.length) return false;
  return expected.every((value, index) => {
    const other = got[index];
    if (typeof value !== 'number' || typeof other !== 'number') return value === other;
    return Math.abs(other - value) <= tolerance + tolerance * Math.abs(value);
  });
}

async function runsOf(name: string): Promise<number> {
  const { body } = await baton.call('GET', `/v2/models/${name}/stats`);
  return (body as { model_stats: { execution_count: number }[] }).model_stats[0]?.execution_count ?? 0;
}

function head({ name, datatype, shape }: ExpectedTensor) {
  return { name, datatype, shape };
}

function typed({ datatype, data }: ExpectedTensor): object {
  if (datatype === 'BYTES') return { bytes_contents: data.map((text) => Buffer.from(String(text))) };
  return { fp32_contents: data };
}

function rowOf(tensors: readonly ExpectedTensor[], row: number): ExpectedTensor[] {
  return tensors.map((tensor) => {
    const width = tensor.data.length / ROWS;
    const data = tensor.data.slice(row * width, (row + 1) * width);
    return { ...tensor, shape: [1, ...tensor.shape.slice(1)], data };
  });
}

function modelOf(name: string): TestModel {
  return models.get(name) as TestModel;
}

/** With its inputs' values, which one model leaves to a rule: they would be two megabytes. */
function goldenModel(name: string): TestModel {
  const model = testModel(name);
  const inputs = model.expected.inputs.map((input) => {
    const { rule } = input as { rule?: string };
    if (rule === undefined) return input;
    if (rule !== '((31*r + 7*k) mod 256) / 256') throw new Error(`${name} has another rule: ${rule}`);
    return { ...input, data: byRule(input.shape) };
  });
  return { ...model, expected: { ...model.expected, inputs } };
}

function byRule([rows = 0, ...shape]: readonly number[]): number[] {
  const width = shape.reduce((product, size) => product * size, 1);
  return Array.from({ length: rows * width }, (_, index) => {
    const row = Math.floor(index / width);
    return ((31 * row + 7 * (index % width)) % 256) / 256;
  });
}
