import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testModel, type TestModel } from '../integration/inference/released-models.js';
import { closeTo, RunningInference } from '../integration/inference/running-inference.js';
import { echo, echoed } from '../integration/inference/special-models.js';
import { PYTHON_VENV_TIMEOUT_MS, pythonVenv, type PythonVenv } from '../support/python-venv.js';

const clients = ['http', 'http.aio', 'grpc', 'grpc.aio'] as const;
const script = fileURLToPath(new URL('oip_clients.py', import.meta.url));

interface Failed {
  failed: [status: string, message: string];
}

interface Streamed {
  id?: string;
  final?: boolean;
  failed?: string;
  outputs?: Record<string, unknown[]>;
}

/** What one client got for each of its calls. */
type Said = Record<string, unknown> & { stream?: Streamed[] };
type Report = Record<(typeof clients)[number], Said>;

let python: PythonVenv;
let baton: RunningInference;

beforeAll(async () => {
  python = await pythonVenv('tritonclient', ['tritonclient[http,grpc]==2.73.0']);
  baton = await RunningInference.start();
}, PYTHON_VENV_TIMEOUT_MS);

afterAll(() => baton?.remove());

async function ask(name: string, model: TestModel): Promise<Report> {
  await baton.deploy(name, model);
  const file = join(baton.folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(model.expected));
  const key = baton.keys.operator.authorization.replace('Bearer ', '');
  const urls = [baton.url.replace('http://', ''), `127.0.0.1:${baton.config.grpcPort}`];
  const { stdout } = await promisify(execFile)(python.python, [script, ...urls, key, file, name], {
    timeout: 120_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(stdout) as Report;
}

function expectAnswers(said: Said, { expected }: TestModel): void {
  const ways = Object.entries(said).filter(([what]) => what.startsWith('infer: '));
  expect(ways.length).toBeGreaterThanOrEqual(4);
  for (const [way, got] of ways) {
    expect([way, got]).toEqual([way, expect.objectContaining({ id: 'r-1' })]);
    expectOutputs((got as { outputs: Record<string, unknown[]> }).outputs, expected.outputs, way);
  }
}

function expectOutputs(outputs: Record<string, unknown[]>, expected: TestModel['expected']['outputs'], way: string) {
  for (const { name, data } of expected) {
    if (!closeTo(outputs[name] ?? [], data)) expect([way, name, outputs[name]]).toEqual([way, name, data]);
  }
}

describe.each(['iris', 'breast_cancer', 'car_loan_v1'])('Triton’s own Python clients ask %s', (name) => {
  const model = testModel(name);
  let report: Report;

  beforeAll(async () => {
    report = await ask(name, model);
  });

  it.each(clients)('%s gets the right answers in every way that it can ask', (client) => {
    expectAnswers(report[client], model);
  });

  it.each(clients)('%s learns what there is', (client) => {
    const said = report[client];
    const about = JSON.stringify(said['model']);
    expect(said).toMatchObject({ live: true, ready: true, 'model ready': true, server: { name: 'baton' } });
    expect(said['model']).toMatchObject({ name, versions: ['1'] });
    for (const { name: input } of model.inputs) expect(about).toContain(`"${input}"`);
    const config = said['config'] as { config?: object };
    expect(config.config ?? config).toMatchObject({ name, platform: 'onnxruntime_onnx', backend: 'onnxruntime' });
    expect(said['stats']).toMatchObject({ model_stats: [{ name, version: '1' }] });
    expect(JSON.stringify(said['all stats'])).toContain(`"${name}"`);
    expect(JSON.stringify(said['index'])).toContain(`"${name}"`);
  });

  it.each(clients)('%s may load what is planned, and is told what it may not', (client) => {
    const said = report[client];
    const failed = (what: string) => (said[what] as Failed | undefined)?.failed ?? ['', ''];
    const isHttp = client.startsWith('http');
    const status = (http: string, grpc: string) => (isHttp ? http : `StatusCode.${grpc}`);
    expect([said['load'], said['unload']]).toEqual([null, null]);
    expect(failed('load of nothing')[0]).toBe(status('400', 'INVALID_ARGUMENT'));
    expect(failed('load of its own')[0]).toBe(status('400', 'INVALID_ARGUMENT'));
    expect(failed('unknown')).toEqual([status('404', 'NOT_FOUND'), expect.stringContaining('nope')]);
    expect(failed('unknown version')).toEqual([status('404', 'NOT_FOUND'), expect.stringContaining('99')]);
    expect(failed('no key')[0]).toBe(status('401', 'UNAUTHENTICATED'));
    expect(failed('wrong input')).toEqual([status('400', 'INVALID_ARGUMENT'), expect.stringContaining('nothing')]);
    expect(failed('trace')[0]).toBe(status('404', 'UNIMPLEMENTED'));
    expect(failed('shared memory')[0]).toBe(status('404', 'UNIMPLEMENTED'));
  });

  it.each(['grpc', 'grpc.aio'] as const)('%s gets the answers of a stream in order, an error among them', (client) => {
    const answers = report[client].stream ?? [];
    expect(answers).toHaveLength(6);
    answers.forEach((answer, index) => {
      if (index === 3) return expect(answer.failed).toContain('nothing');
      expect(answer).toMatchObject({ id: String(index), final: true });
      expectOutputs(answer.outputs ?? {}, model.expected.outputs, `stream ${index}`);
    });
  });

  it.each(clients)('%s gets the classes of greatest value', (client) => {
    const classes = report[client]['classes'] as string[];
    const rows = model.expected.inputs[0]?.shape[0] ?? 0;
    expect(classes).toHaveLength(2 * rows);
    for (const one of classes) expect(one).toMatch(/^\d\.\d{6}:\d$/);
  });
});

describe('Triton’s own Python clients send every datatype', () => {
  const data: Record<string, (number | string)[]> = {
    BOOL: [1, 0],
    FP16: [-1.5, 65_504],
    FP32: [-1.5, 3.4028234663852886e38],
    FP64: [0.1, 1.7976931348623157e308],
    INT8: [-128, 127],
    INT16: [-32_768, 32_767],
    INT32: [-(2 ** 31), 2 ** 31 - 1],
    INT64: ['-9223372036854775808', '9007199254740993'],
    UINT8: [0, 255],
    UINT16: [0, 65_535],
    UINT32: [0, 2 ** 32 - 1],
    UINT64: ['18446744073709551615', 0],
    BYTES: ['', 'π\n漢'],
  };
  const tensors = (suffix: string) =>
    echoed.map((datatype) => ({ name: `${datatype}${suffix}`, datatype, shape: [1, 2], data: data[datatype] ?? [] }));
  const model: TestModel = { ...echo(), expected: { inputs: tensors(''), outputs: tensors('_out') } };
  let report: Report;

  beforeAll(async () => {
    report = await ask('echo', model);
  });

  it.each(clients)('%s gets them back as they were', (client) => {
    for (const [what, got] of Object.entries(report[client])) {
      if (!what.startsWith('infer: ')) continue;
      const { outputs } = got as { outputs: Record<string, unknown[]> };
      const plain = Object.fromEntries(
        Object.entries(outputs).map(([name, values]) => [
          name,
          values.map((value) => (value === true ? 1 : value || 0)),
        ]),
      );
      const expected = model.expected.outputs.map(({ name, data: of }) => [name, of.map((value) => value || 0)]);
      expect([what, plain]).toEqual([what, Object.fromEntries(expected)]);
    }
  });
});
