import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPolicy, testModel } from './released-models.js';
import { RunningInference } from './running-inference.js';

let baton: RunningInference;

beforeAll(async () => {
  baton = await RunningInference.start({ maxBodyBytes: 64 * 1024 });
  await baton.deploy('iris', testModel('iris'));
  await baton.deploy('loans', testModel('car_loan_v1'));
  await baton.deploy('cancer', testModel('breast_cancer'));
  await baton.deploy('dated', testModel('iris'), { policy: { ...openPolicy, eventTime: true } });
});

afterAll(() => baton.remove());

const tensor = { name: 'input', datatype: 'FP32', shape: [1, 4], data: [1, 2, 3, 4] as unknown };
const good = { inputs: [tensor] };
const withTensor = (change: object) => ({ inputs: [{ ...tensor, ...change }] });
const loans = testModel('car_loan_v1').expected.inputs.map((input) => ({
  ...input,
  shape: [1, 1],
  data: input.data.slice(0, 1),
}));
const changed = (name: string, change: object) => ({
  inputs: loans.map((input) => (input.name === name ? { ...input, ...change } : input)),
});

const bad: [sentence: string, body: unknown, named: string][] = [
  ['no inputs', {}, 'inputs'],
  ['inputs that are no list', { inputs: tensor }, 'inputs'],
  ['an empty list of inputs', { inputs: [] }, 'input'],
  ['a list', [good], 'object'],
  ['null', null, 'object'],
  ['an input without a name', withTensor({ name: undefined }), 'name'],
  ['a name that is a number', withTensor({ name: 7 }), 'name'],
  ['an unknown name', withTensor({ name: 'wrong' }), 'wrong'],
  ['an input that comes twice', { inputs: [tensor, tensor] }, 'input'],
  ['one input more', { inputs: [tensor, { ...tensor, name: 'extra' }] }, 'extra'],
  ['another datatype', withTensor({ datatype: 'FP64' }), 'FP32'],
  ['an unknown datatype', withTensor({ datatype: 'FP8' }), 'input'],
  ['no datatype', withTensor({ datatype: undefined }), 'datatype'],
  ['no shape', withTensor({ shape: undefined }), 'shape'],
  ['a shape that is no list', withTensor({ shape: 4 }), 'shape'],
  ['a shape of text', withTensor({ shape: ['1', '4'] }), 'shape'],
  ['a broken size', withTensor({ shape: [1.5, 4] }), 'shape'],
  ['a negative size', withTensor({ shape: [-1, 4] }), 'shape'],
  ['a huge size', withTensor({ shape: [1e15, 4] }), 'shape'],
  ['another rank', withTensor({ shape: [4] }), 'shape'],
  ['another width', withTensor({ shape: [1, 5], data: [1, 2, 3, 4, 5] }), 'shape'],
  ['no rows', withTensor({ shape: [0, 4], data: [] }), 'input'],
  ['no data', withTensor({ data: undefined }), 'data'],
  ['data that is text', withTensor({ data: 'abcd' }), 'data'],
  ['too few values', withTensor({ data: [1, 2, 3] }), 'input'],
  ['too many values', withTensor({ data: [1, 2, 3, 4, 5] }), 'input'],
  [
    'rows of different lengths',
    withTensor({
      shape: [2, 4],
      data: [
        [1, 2, 3, 4, 5],
        [6, 7, 8],
      ],
    }),
    'input',
  ],
  ['deeper lists than dimensions', withTensor({ data: [[[1, 2, 3, 4]]] }), 'input'],
  ['a text among numbers', withTensor({ data: [1, 2, '3', 4] }), 'input'],
  ['the text NaN', withTensor({ data: [1, 2, 'NaN', 4] }), 'input'],
  ['null among numbers', withTensor({ data: [1, 2, null, 4] }), 'input'],
  ['a truth value among numbers', withTensor({ data: [1, 2, true, 4] }), 'input'],
  ['a number beyond FP32', withTensor({ data: [1, 2, 1e39, 4] }), 'input'],
  ['an id that is a number', { ...good, id: 7 }, 'id'],
  ['parameters that are a list', { ...good, parameters: [] }, 'parameters'],
  ['outputs that are text', { ...good, outputs: 'label' }, 'outputs'],
  [
    'classes of an output of text',
    { ...good, outputs: [{ name: 'label', parameters: { classification: 'all' } }] },
    'class',
  ],
  ['a wish for raw data that is neither', { ...good, parameters: { binary_data_output: 'yes' } }, 'binary_data_output'],
  ['an unknown output', { ...good, outputs: [{ name: 'nothing' }] }, 'nothing'],
  ['binary data', withTensor({ data: undefined, parameters: { binary_data_size: 16 } }), 'binary'],
  [
    'an event time where none is allowed',
    { ...good, parameters: { event_time: '2026-01-01T00:00:00Z' } },
    'event_time',
  ],
];

describe('a bad request is answered with 400 that names what is wrong', () => {
  it.each(bad)('%s', async (_sentence, json, named) => {
    const { status, body } = await baton.infer('iris', json);
    expect([status, body.error]).toEqual([400, expect.stringContaining(named)]);
    expect(Object.keys(body)).toEqual(['error']);
  });

  it.each([
    ['an input is missing', { inputs: loans.slice(1) }, 'car_value'],
    ['a number for a text', changed('salary_range', { data: [5] }), 'salary_range'],
    ['other rows than the other inputs', changed('loan_length', { shape: [2, 1], data: [1, 2] }), 'loan_length'],
  ])('%s', async (_sentence, json, named) => {
    const { status, body } = await baton.infer('loans', json);
    expect([status, body.error]).toEqual([400, expect.stringContaining(named)]);
  });

  it.each([
    ['broken JSON', '{"inputs": ['],
    ['nothing', ''],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
  ])('%s', async (_what, body) => {
    const answer = await baton.call('POST', '/v2/models/iris/infer', { body, headers: jsonType });
    expect(answer.status).toBe(400);
    expect(Object.keys(answer.body)).toEqual(['error']);
  });

  it.each(['NaN', 'Infinity', '-Infinity', '1e999'])('the number %s, naming the input', async (number) => {
    const body = JSON.stringify(good).replace('[1,2,3,4]', `[1,2,${number},4]`);
    const answer = await baton.call('POST', '/v2/models/iris/infer', { body, headers: jsonType });
    expect([answer.status, answer.body['error']]).toEqual([400, expect.stringContaining('input')]);
  });

  it.each<[string, Record<string, string>, string, number?]>([
    ['JSON that would be longer than the body', { 'inference-header-content-length': '9999' }, 'content-length'],
    ['JSON that ends early', { 'inference-header-content-length': '10' }, 'json'],
    ['a length that is none', { 'inference-header-content-length': 'x' }, 'content-length'],
    ['a negative length', { 'inference-header-content-length': '-1' }, 'content-length'],
    ['a raw binary request that fills no row', { 'inference-header-content-length': '0' }, 'input'],
    ['a body that is not what it says', { 'content-encoding': 'gzip' }, 'gzip'],
    ['an encoding that nobody knows', { 'content-encoding': 'br' }, 'br', 415],
  ])('%s', async (_what, headers, named, status = 400) => {
    const answer = await baton.infer('iris', { ...good, id: 'abc' }, { headers });
    expect([answer.status, answer.body.error?.toLowerCase()]).toEqual([status, expect.stringContaining(named)]);
    expect(Object.keys(answer.body)).toEqual(['error']);
  });

  const values = Buffer.from(Float32Array.of(1, 2, 3, 4).buffer);
  it.each<[string, object, Buffer, string]>([
    ['bytes left over', { binary_data_size: 16 }, Buffer.concat([values, values]), 'left behind'],
    ['a size beyond the body', { binary_data_size: 32 }, values, 'binary_data_size'],
    ['a size that the shape does not have', { binary_data_size: 12 }, values.subarray(4), 'input'],
    ['a size that is text', { binary_data_size: '16' }, values, 'binary_data_size'],
    ['shared memory', { shared_memory_region: 'r' }, Buffer.alloc(0), 'shared memory'],
  ])('raw tensors with %s', async (_what, parameters, tail, named) => {
    const json = Buffer.from(JSON.stringify(withTensor({ data: undefined, parameters })));
    const headers = { 'inference-header-content-length': String(json.length) };
    const answer = await baton.call('POST', '/v2/models/iris/infer', { body: Buffer.concat([json, tail]), headers });
    expect([answer.status, answer.body['error']]).toEqual([400, expect.stringContaining(named)]);
  });

  it.each(['yesterday', '2026-13-01T00:00:00Z', '2026-01-01T00:00:00', 7, ''])(
    'the event time %s',
    async (event_time) => {
      const { status, body } = await baton.infer('dated', { ...good, parameters: { event_time } });
      expect([status, body.error]).toEqual([400, expect.stringContaining('event_time')]);
    },
  );
});

const jsonType = { 'content-type': 'application/json' };

describe('a request that is refused before it is read', () => {
  it('is answered 413 when it is too large, and the next one is fine', async () => {
    const { status, body } = await baton.infer('iris', { ...good, id: 'x'.repeat(70_000) });
    expect(status).toBe(413);
    expect(Object.keys(body)).toEqual(['error']);
    expect((await baton.infer('iris', good)).status).toBe(200);
  });

  it('is answered 413 when it would be too large once it is decompressed', async () => {
    const bomb = gzipSync(Buffer.alloc(20 * 1024 * 1024, 0x20));
    expect(bomb.length).toBeLessThan(64 * 1024);
    for (const path of ['/v2/models/iris/infer', '/v2/repository/index']) {
      const { status, body } = await baton.call('POST', path, { body: bomb, headers: { 'content-encoding': 'gzip' } });
      expect([status, Object.keys(body)]).toEqual([413, ['error']]);
    }
    expect((await baton.infer('iris', good)).status).toBe(200);
  });

  it.each(['/v2/models/nope/infer', '/v2/models/iris/versions/9/infer', '/v2/models/iris/versions/x/infer'])(
    '%s is answered 404',
    async (path) => {
      const { status, body } = await baton.call('POST', path, { json: good });
      expect(status).toBe(404);
      expect(Object.keys(body)).toEqual(['error']);
    },
  );

  it('leaves the connection open', async () => {
    const { Agent, request } = await import('node:http');
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const send = (body: string) =>
      new Promise<[number | undefined, boolean]>((done, failed) => {
        const call = request(`${baton.url}/v2/models/iris/infer`, {
          agent,
          method: 'POST',
          headers: { ...baton.keys.predictor, ...jsonType },
        });
        call.on('error', failed);
        call.on('response', (response) => {
          response.resume();
          response.on('end', () => done([response.statusCode, call.reusedSocket]));
        });
        call.end(body);
      });
    expect(await send('{"inputs": [')).toEqual([400, false]);
    expect(await send(JSON.stringify(good))).toEqual([200, true]);
    agent.destroy();
  });
});
