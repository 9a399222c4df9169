import { once } from 'node:events';
import { connect } from 'node:net';
import { Client, credentials, status, type ServiceError } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { flags, frame, frameTypes, greeting, literalFields } from '../../load/generators/http2-frames.js';
import { GrpcCalls, rawBytes, readRaw } from './grpc-calls.js';
import { openPolicy, testModel, type ExpectedTensor } from './released-models.js';
import { closeTo, RunningInference } from './running-inference.js';

const names = ['iris', 'breast_cancer', 'car_loan_v1'] as const;
let baton: RunningInference;
let grpc: GrpcCalls;
const predictor = () => baton.keys.predictor;

beforeAll(async () => {
  baton = await RunningInference.start();
  for (const name of names) await baton.deploy(name, testModel(name), {}, 2);
  await baton.deploy('dated', testModel('iris'), { policy: { ...openPolicy, eventTime: true } });
  grpc = new GrpcCalls(`127.0.0.1:${baton.config.grpcPort}`);
});

afterAll(async () => {
  grpc.close();
  await baton.remove();
});

interface OutputTensor {
  name: string;
  datatype: string;
  shape: number[];
}

const inputOf = ({ name, datatype, shape }: ExpectedTensor) => ({ name, datatype, shape });
const fields: Record<string, string> = { FP32: 'fp32_contents', BYTES: 'bytes_contents' };
const typed = (input: ExpectedTensor) => ({
  ...inputOf(input),
  contents: {
    [String(fields[input.datatype])]:
      input.datatype === 'BYTES' ? input.data.map((v) => Buffer.from(String(v))) : input.data,
  },
});

const row = { name: 'input', datatype: 'FP32', shape: [1, 4] };
const raw = Buffer.from(Float32Array.of(5.1, 3.5, 1.4, 0.2).buffer);
const infer = (request: object, headers: Record<string, string> = predictor()) =>
  grpc.call('ModelInfer', { model_name: 'iris', inputs: [row], raw_input_contents: [raw], ...request }, headers);

describe('ModelInfer', () => {
  it.each(names)('answers %s as the reference runtime does, from raw and from typed contents', async (name) => {
    const { inputs, outputs } = testModel(name).expected;
    const asRaw = { inputs: inputs.map(inputOf), raw_input_contents: inputs.map((i) => rawBytes(i.datatype, i.data)) };
    for (const request of [asRaw, { inputs: inputs.map(typed), raw_input_contents: [] }]) {
      const { code, message, body } = await infer({ ...request, model_name: name, id: 'Ω-1' });
      expect([code, message]).toEqual([0, '']);
      expect(body).toMatchObject({ model_name: name, model_version: '2', id: 'Ω-1' });
      const answered = body['outputs'] as OutputTensor[];
      const contents = body['raw_output_contents'] as Buffer[];
      expect(answered.map(({ name: output }) => output)).toEqual(outputs.map(({ name: output }) => output));
      for (const [index, output] of outputs.entries()) {
        expect(answered[index]).toMatchObject({ datatype: output.datatype, shape: output.shape });
        expect(closeTo(readRaw(output.datatype, contents[index] ?? Buffer.alloc(0)), output.data)).toBe(true);
      }
    }
  });

  it('says which prediction, deployment and bytes answered', async () => {
    const { body } = await infer({});
    const parameters = body['parameters'] as Record<string, { string_param: string }>;
    const prediction = parameters['prediction']?.string_param;
    const logged = await baton.events.waitFor('prediction.logged', ({ data }) => data?.prediction === prediction);
    expect(logged.data).toMatchObject({
      deployment: parameters['deployment']?.string_param,
      digest: parameters['digest']?.string_param,
      outcome: 'ok',
    });
  });

  it('gives the outputs asked for', async () => {
    const { body } = await infer({ outputs: [{ name: 'probabilities' }] });
    expect(body['outputs']).toMatchObject([{ name: 'probabilities' }]);
    expect(body['raw_output_contents']).toHaveLength(1);
  });

  it('takes an event time where the endpoint allows it', async () => {
    const parameters = { event_time: { string_param: '2025-05-06T07:08:09+02:00' } };
    expect((await infer({ model_name: 'dated', parameters })).code).toBe(status.OK);
    const logged = await baton.events.waitFor('prediction.logged', ({ data }) => data?.endpoint === 'dated');
    expect(logged.data?.eventTime).toBe('2025-05-06T05:08:09.000Z');
    expect(await infer({ parameters })).toMatchObject({
      code: status.INVALID_ARGUMENT,
      message: expect.stringContaining('event_time') as string,
    });
  });

  it('takes what is no number, which models use for values that are missing', async () => {
    const bytes = Buffer.from(Float32Array.of(1, NaN, Infinity, -Infinity).buffer);
    expect((await infer({ raw_input_contents: [bytes] })).code).toBe(status.OK);
    const inputs = [{ ...row, contents: { fp32_contents: [1, NaN, 3, 4] } }];
    expect((await infer({ inputs, raw_input_contents: [] })).code).toBe(status.OK);
  });

  it('gives the classes of greatest value', async () => {
    const outputs = [{ name: 'probabilities', parameters: { classification: { int64_param: 2 } } }];
    const { body } = await infer({ outputs });
    expect(body['outputs']).toMatchObject([{ name: 'probabilities', datatype: 'BYTES', shape: [1, 2] }]);
    const [bytes = Buffer.alloc(0)] = body['raw_output_contents'] as Buffer[];
    expect(readRaw('BYTES', bytes)).toEqual([
      expect.stringMatching(/^0\.9\d{5}:0$/) as string,
      expect.stringMatching(/^0\.0\d{5}:\d$/) as string,
    ]);
  });

  it('takes a request of more than 4 MiB', async () => {
    const rows = 40_000;
    const input = { name: 'input', datatype: 'FP32', shape: [rows, 30] };
    const { code, message, body } = await infer({
      model_name: 'breast_cancer',
      inputs: [input],
      raw_input_contents: [Buffer.alloc(rows * 30 * 4)],
    });
    expect([code, message]).toEqual([0, '']);
    expect(body['outputs']).toMatchObject([{ shape: [rows] }, { shape: [rows, 2] }]);
  });

  it.each<[string, object, string]>([
    ['raw and typed contents together', { inputs: [{ ...row, contents: { fp32_contents: [1, 2, 3, 4] } }] }, 'raw'],
    [
      'a field of another type',
      { inputs: [{ ...row, contents: { int_contents: [1, 2, 3, 4] } }], raw_input_contents: [] },
      'input',
    ],
    ['no contents', { raw_input_contents: [] }, 'input'],
    ['fewer raw contents than inputs', { inputs: [row, { ...row, name: 'b' }] }, 'raw_input_contents'],
    ['too few bytes', { raw_input_contents: [raw.subarray(0, 15)] }, 'input'],
    ['too many bytes', { raw_input_contents: [Buffer.concat([raw, raw])] }, 'input'],
    ['shared memory', { inputs: [{ ...row, parameters: { shared_memory_region: { string_param: 'r' } } }] }, 'shared'],
    [
      'classes of a text',
      { outputs: [{ name: 'label', parameters: { classification: { int64_param: -1 } } }] },
      'class',
    ],
    ['another name', { inputs: [{ ...row, name: 'other' }] }, 'other'],
    ['another datatype', { inputs: [{ ...row, datatype: 'FP64' }] }, 'FP32'],
    ['a negative size', { inputs: [{ ...row, shape: [-1, 4] }] }, 'shape'],
    ['no rows', { inputs: [{ ...row, shape: [0, 4] }], raw_input_contents: [Buffer.alloc(0)] }, 'input'],
    ['an unknown output', { outputs: [{ name: 'nothing' }] }, 'nothing'],
    ['no inputs', { inputs: [], raw_input_contents: [] }, 'input'],
  ])('refuses %s as an invalid argument that names it', async (_what, request, named) => {
    const { code, message } = await infer(request);
    expect([code, message]).toEqual([status.INVALID_ARGUMENT, expect.stringContaining(named)]);
  });

  it('refuses text whose lengths lead outside', async () => {
    const { inputs } = testModel('car_loan_v1').expected;
    const one = inputs.map((input) => ({ ...inputOf(input), shape: [1, 1] }));
    const contents = inputs.map((input) => rawBytes(input.datatype, input.data.slice(0, 1)));
    const broken = contents.map((bytes, index) => {
      return inputs[index]?.datatype === 'BYTES' ? Buffer.concat([Buffer.from([255, 255, 0, 0]), bytes]) : bytes;
    });
    const { code, message } = await infer({ model_name: 'car_loan_v1', inputs: one, raw_input_contents: broken });
    expect([code, message]).toEqual([status.INVALID_ARGUMENT, expect.stringContaining('salary_range')]);
  });

  it.each<[string, number, () => [object, Record<string, string>]]>([
    ['an unknown endpoint', status.NOT_FOUND, () => [{ model_name: 'nope' }, predictor()]],
    ['an unknown version', status.NOT_FOUND, () => [{ model_version: '77' }, predictor()]],
    ['no key', status.UNAUTHENTICATED, () => [{}, {}]],
    ['a wrong key', status.UNAUTHENTICATED, () => [{}, { authorization: 'Bearer nonsense' }]],
    ['a role that may not predict', status.PERMISSION_DENIED, () => [{}, baton.keys.viewer]],
  ])('answers %s with status %i', async (_what, code, ask) => {
    expect((await infer(...ask())).code).toBe(code);
  });

  it('refuses what is larger than the limit without harm to the next call', async () => {
    const bytes = Buffer.alloc(65 * 1024 * 1024);
    expect((await infer({ raw_input_contents: [bytes] })).code).toBe(status.RESOURCE_EXHAUSTED);
    expect((await infer({})).code).toBe(status.OK);
  });
});

describe('the other calls', () => {
  it('are live and ready for everybody', async () => {
    expect((await grpc.call('ServerLive', {})).body).toEqual({ live: true });
    expect((await grpc.call('ServerReady', {})).body).toEqual({ ready: true });
    expect((await grpc.call('ServerMetadata', {})).body).toMatchObject({ name: 'baton' });
  });

  it.each(['', 'inference.GRPCInferenceService'])('health check of "%s" is SERVING', async (service) => {
    await expect.poll(async () => (await grpc.call('Check', { service })).body).toMatchObject({ status: 'SERVING' });
  });

  it('describe the model', async () => {
    const { body } = await grpc.call('ModelMetadata', { name: 'car_loan_v1' }, predictor());
    const { inputs, outputs } = testModel('car_loan_v1');
    expect(body).toMatchObject({ name: 'car_loan_v1', versions: ['2'], platform: 'onnx_onnxv1', inputs, outputs });
  });

  it('say whether a model is ready, and that an unknown one is unknown', async () => {
    expect((await grpc.call('ModelReady', { name: 'iris' }, predictor())).body).toEqual({ ready: true });
    expect((await grpc.call('ModelReady', { name: 'iris', version: '2' }, predictor())).body).toEqual({ ready: true });
    expect((await grpc.call('ModelReady', { name: 'nope' }, predictor())).code).toBe(status.NOT_FOUND);
    expect((await grpc.call('ModelMetadata', { name: 'nope' }, predictor())).code).toBe(status.NOT_FOUND);
    expect((await grpc.call('ModelReady', { name: 'iris' })).code).toBe(status.UNAUTHENTICATED);
  });
});

describe('ModelStreamInfer', () => {
  it('answers in order, errors too, and goes on', async () => {
    const good = { model_name: 'iris', inputs: [row], raw_input_contents: [raw] };
    const { code, answers } = await grpc.stream(
      'ModelStreamInfer',
      [
        { ...good, id: 'a' },
        { ...good, id: 'b', raw_input_contents: [raw.subarray(1)] },
        { ...good, id: 'c' },
      ],
      predictor(),
    );
    expect(code).toBe(status.OK);
    expect(answers).toMatchObject([
      { error_message: '', infer_response: { id: 'a', model_name: 'iris', model_version: '2' } },
      { error_message: expect.stringContaining('input') as string, infer_response: { id: 'b' } },
      { error_message: '', infer_response: { id: 'c', parameters: { triton_final_response: { bool_param: true } } } },
    ]);
  });

  it('is for those who may predict', async () => {
    expect((await grpc.stream('ModelStreamInfer', [], {})).code).toBe(status.UNAUTHENTICATED);
    expect((await grpc.stream('ModelStreamInfer', [], baton.keys.viewer)).code).toBe(status.PERMISSION_DENIED);
  });
});

describe('configuration and statistics', () => {
  it('are told as Triton does', async () => {
    const { body } = await grpc.call('ModelConfig', { name: 'car_loan_v1' }, predictor());
    expect(body['config']).toMatchObject({
      name: 'car_loan_v1',
      platform: 'onnxruntime_onnx',
      backend: 'onnxruntime',
      max_batch_size: baton.config.maxBatchRows,
    });
    const { input } = body['config'] as { input: object[] };
    expect(input).toContainEqual(
      expect.objectContaining({ name: 'salary_range', data_type: 'TYPE_STRING', dims: [1] }),
    );
  });

  it('count what was answered', async () => {
    const count = async () => {
      const { body } = await grpc.call('ModelStatistics', { name: 'iris' }, predictor());
      const [only] = body['model_stats'] as { inference_count: number; inference_stats: { fail: { count: number } } }[];
      return [only?.inference_count ?? 0, only?.inference_stats.fail.count ?? 0] as const;
    };
    const [before, failed] = await count();
    await infer({});
    await infer({ raw_input_contents: [raw.subarray(1)] });
    expect(await count()).toEqual([before + 1, failed + 1]);
    const { body } = await grpc.call('ModelStatistics', {}, predictor());
    expect((body['model_stats'] as { name: string }[]).map(({ name }) => name).sort()).toEqual(
      [...names, 'dated'].sort(),
    );
  });

  it.each(['ModelConfig', 'ModelStatistics'])('%s of an unknown model is not found', async (method) => {
    expect((await grpc.call(method, { name: 'nope' }, predictor())).code).toBe(status.NOT_FOUND);
  });
});

describe.each(['GRPCInferenceService', 'ModelRepositoryService'] as const)('the repository of %s', (service) => {
  const ask = (method: string, request: object, headers = predictor()) => grpc.call(method, request, headers, service);

  it('has what is planned', async () => {
    const { body } = await ask('RepositoryIndex', {});
    expect(body['models']).toContainEqual({ name: 'iris', version: '2', state: 'READY', reason: '' });
    expect(body['models']).toHaveLength(4);
  });

  it('loads what is planned, and nothing else', async () => {
    expect((await ask('RepositoryModelLoad', { model_name: 'iris' })).code).toBe(status.OK);
    expect(await ask('RepositoryModelLoad', { model_name: 'nope' })).toMatchObject({
      code: status.INVALID_ARGUMENT,
      message: expect.stringContaining('not in the serving plan') as string,
    });
  });

  it('unloads what is loaded again when it is asked for', async () => {
    expect((await ask('RepositoryModelUnload', { model_name: 'iris' }, baton.keys.operator)).code).toBe(status.OK);
    const { body } = await ask('RepositoryIndex', { ready: true });
    const reason = expect.stringContaining('not in memory') as string;
    expect(body['models']).toContainEqual({ name: 'iris', version: '2', state: 'READY', reason });
    expect((await infer({})).code).toBe(status.OK);
  });

  it('lets nobody unload who may not deploy', async () => {
    expect((await ask('RepositoryModelUnload', { model_name: 'iris' })).code).toBe(status.PERMISSION_DENIED);
    expect((await ask('RepositoryModelUnload', { model_name: 'nope' }, baton.keys.operator)).code).toBe(
      status.INVALID_ARGUMENT,
    );
  });
});

describe('what is beside the protocol', () => {
  it('shows itself by reflection', async () => {
    const { answers } = await grpc.stream('ServerReflectionInfo', [{ list_services: '' }], {}, 'ServerReflection');
    const [{ list_services_response: listed }] = answers as [
      { list_services_response: { service: { name: string }[] } },
    ];
    expect(listed.service.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'inference.GRPCInferenceService',
        'inference.model_repository.ModelRepositoryService',
        'grpc.health.v1.Health',
      ]),
    );
  });

  it.each(['SystemSharedMemoryStatus', 'CudaSharedMemoryRegister', 'TraceSetting', 'LogSettings'])(
    'does not offer %s, and says why',
    async (method) => {
      const path = `/inference.GRPCInferenceService/${method}`;
      const asIs = (bytes: Buffer) => bytes;
      const client = new Client(`127.0.0.1:${baton.config.grpcPort}`, credentials.createInsecure());
      const { code, details } = await new Promise<{ code: number; details: string }>((done) => {
        client.makeUnaryRequest(path, asIs, asIs, Buffer.alloc(0), (error) => done(error as ServiceError));
      });
      client.close();
      expect([code, details]).toEqual([status.UNIMPLEMENTED, expect.stringMatching(/not offered|set up by/)]);
    },
  );

  it.each([
    ['of another type', '/inference.GRPCInferenceService/ServerLive', 'text/plain'],
    ['of no known method', '/inference.GRPCInferenceService/Nothing', 'application/grpc'],
    ['that are plain', '/inference.GRPCInferenceService/ModelInfer', 'application/grpc'],
    ['that stream', '/inference.GRPCInferenceService/ModelStreamInfer', 'application/grpc'],
  ])('outlives calls %s that are taken back in the same breath', async (_, path, type) => {
    const usual = { ':method': 'POST', ':scheme': 'http', ':authority': 'a', te: 'trailers' };
    const head = literalFields({ ...usual, ':path': path, 'content-type': type });
    const takenBack = (stream: number) => [
      frame(frameTypes.headers, flags.endHeaders, stream, head),
      frame(frameTypes.reset, 0, stream, Buffer.from([0, 0, 0, 8])),
    ];
    const socket = connect(baton.config.grpcPort, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(greeting());
    socket.write(Buffer.concat([1, 3, 5, 7, 9].flatMap(takenBack)));
    socket.write(frame(frameTypes.ping, 0, 0, Buffer.alloc(8)));
    const isPong = (chunk: Buffer) => chunk.includes(frame(frameTypes.ping, flags.ack, 0, Buffer.alloc(8)));
    for await (const chunk of socket) if (isPong(chunk as Buffer)) break;
    expect((await grpc.call('ServerLive', {})).body).toEqual({ live: true });
    expect((await infer({})).code).toBe(status.OK);
  });
});
