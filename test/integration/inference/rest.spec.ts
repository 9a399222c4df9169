import type { PredictionLogged } from '@baton/contracts';
import { publishKey, waitFor } from '@baton/testing';
import { deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testModel } from './released-models.js';
import { closeTo, RunningInference, type InferAnswer } from './running-inference.js';

const iris = testModel('iris');
const names = ['iris', 'breast_cancer', 'car_loan_v1'] as const;
const [row] = [iris.expected.inputs[0]?.data.slice(0, 4) ?? []];
const oneRow = { inputs: [{ name: 'input', datatype: 'FP32', shape: [1, 4], data: row }] };

let baton: RunningInference;
let deployment: string;

beforeAll(async () => {
  baton = await RunningInference.start();
  for (const name of names) {
    const route = await baton.deploy(name, testModel(name), {}, 3);
    if (name === 'iris') deployment = route.deployment;
  }
});

afterAll(() => baton.remove());

describe('POST /v2/models/{endpoint}/infer', () => {
  it.each(names)('answers %s as the reference runtime does, flat and nested', async (name) => {
    const { expected } = testModel(name);
    const nested = expected.inputs.map((input) => {
      const width = input.data.length / (input.shape[0] ?? 1);
      const rows = Array.from({ length: input.shape[0] ?? 0 }, (_, i) => input.data.slice(i * width, (i + 1) * width));
      return { ...input, data: rows };
    });
    for (const inputs of [expected.inputs, nested]) {
      const { status, body } = await baton.infer(name, { inputs });
      expect(status).toBe(200);
      expect(body).toMatchObject({ model_name: name, model_version: '3' });
      expect(body.outputs?.map((output) => output.name)).toEqual(expected.outputs.map((output) => output.name));
      for (const output of expected.outputs) {
        const answered = body.outputs?.find((other) => other.name === output.name);
        expect(answered).toMatchObject({ datatype: output.datatype, shape: output.shape });
        expect(closeTo(answered?.data ?? [], output.data)).toBe(true);
      }
    }
  });

  it('says which prediction, deployment and bytes answered, in the body and in headers', async () => {
    const { body, headers } = await baton.infer('iris', oneRow);
    const digest = headers.get('baton-digest');
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(headers.get('baton-deployment')).toBe(deployment);
    expect(body.parameters).toEqual({ prediction: headers.get('baton-prediction-id'), deployment, digest });
  });

  it('echoes the id, also one that is not ASCII', async () => {
    expect((await baton.infer('iris', { ...oneRow, id: 'Größe-π' })).body.id).toBe('Größe-π');
    expect((await baton.infer('iris', oneRow)).body).not.toHaveProperty('id');
  });

  it('gives the outputs asked for, in their order', async () => {
    const outputs = [{ name: 'probabilities' }, { name: 'label' }];
    const { body } = await baton.infer('iris', { ...oneRow, outputs });
    expect(body.outputs?.map(({ name }) => name)).toEqual(['probabilities', 'label']);
    const one = await baton.infer('iris', { ...oneRow, outputs: [{ name: 'label' }] });
    expect(one.body.outputs?.map(({ name }) => name)).toEqual(['label']);
  });

  it('answers the version that is asked for, and 404 for another one', async () => {
    const ask = (version: string) =>
      baton.call<InferAnswer>('POST', `/v2/models/iris/versions/${version}/infer`, { json: oneRow });
    expect(await ask('3')).toMatchObject({ status: 200, body: { model_version: '3' } });
    expect(await ask('4')).toMatchObject({ status: 404, body: { error: expect.stringContaining('3') as string } });
  });

  it.each([undefined, 'application/json', 'application/octet-stream', 'text/plain'])(
    'takes JSON with the content type %s',
    async (type) => {
      const body = Buffer.from(JSON.stringify(oneRow));
      const headers: Record<string, string> = type ? { 'content-type': type } : {};
      expect((await baton.call('POST', '/v2/models/iris/infer', { body, headers })).status).toBe(200);
    },
  );
});

describe('metadata and health', () => {
  it('describes the server, with and without the last slash', async () => {
    for (const path of ['/v2', '/v2/']) {
      const { status, body } = await baton.call('GET', path, { as: 'nobody' });
      expect(status).toBe(200);
      expect(body).toMatchObject({ name: 'baton', version: expect.any(String) as string });
      expect(body['extensions']).toBeInstanceOf(Array);
    }
  });

  it.each(['/v2/models/car_loan_v1', '/v2/models/car_loan_v1/versions/3'])('%s describes the model', async (path) => {
    const { inputs, outputs } = testModel('car_loan_v1');
    expect(await baton.call('GET', path)).toMatchObject({
      status: 200,
      body: { name: 'car_loan_v1', versions: ['3'], platform: 'onnx_onnxv1', inputs, outputs },
    });
  });

  it('is live and ready for everybody', async () => {
    expect(await baton.call('GET', '/v2/health/live', { as: 'nobody' })).toMatchObject({
      status: 200,
      body: { live: true },
    });
    expect(await baton.call('GET', '/v2/health/ready', { as: 'nobody' })).toMatchObject({
      status: 200,
      body: { ready: true },
    });
  });

  it.each(['/v2/models/iris/ready', '/v2/models/iris/versions/3/ready'])('%s says so', async (path) => {
    expect(await baton.call('GET', path)).toMatchObject({ status: 200, body: { name: 'iris', ready: true } });
  });

  it.each(['/v2/models/nope', '/v2/models/nope/ready', '/v2/models/iris/versions/9', '/v2/nothing'])(
    '%s is answered with 404 in the protocol’s own form',
    async (path) => {
      const { status, body } = await baton.call('GET', path);
      expect(status).toBe(404);
      expect(Object.keys(body)).toEqual(['error']);
    },
  );
});

describe('access', () => {
  it.each<[string, number, 'nobody' | 'viewer' | { authorization: string }]>([
    ['no key', 401, 'nobody'],
    ['an unknown key', 401, { authorization: `Bearer baton_0123456789abcdef_${'x'.repeat(43)}` }],
    ['a role that may not predict', 403, 'viewer'],
  ])('answers %s with %i', async (_what, status, as) => {
    const answer = await baton.infer('iris', oneRow, { as });
    expect(answer.status).toBe(status);
    expect(Object.keys(answer.body)).toEqual(['error']);
    expect(answer.headers.has('www-authenticate')).toBe(status === 401);
  });

  it("does not tell of another project's endpoint", async () => {
    const { key } = await publishKey(baton.kafka, { role: 'predictor', project: 'elsewhere' });
    const as = { authorization: `Bearer ${key}` };
    const answer = await waitFor(
      async () => {
        const tried = await baton.infer('iris', oneRow, { as });
        return tried.status === 401 ? undefined : tried;
      },
      { what: 'the key' },
    );
    const unknown = await baton.infer('nowhere', oneRow, { as });
    expect(answer.status).toBe(404);
    expect(answer.body.error?.replace('iris', 'nowhere')).toBe(unknown.body.error);
  });
});

describe('POST /v1/endpoints/{endpoint}/predict', () => {
  const { expected, features } = testModel('car_loan_v1');
  const rows = [0, 1, 2].map((index) =>
    Object.fromEntries(expected.inputs.map(({ name, data }) => [name, data[index]])),
  );
  const labels = expected.outputs.find(({ name }) => name === 'label')?.data.slice(0, 3);

  interface Predicted {
    prediction: string;
    rows: Record<string, unknown>[];
    outputs: { name: string }[];
  }
  const predict = (options: object) => baton.call<Predicted>('POST', '/v1/endpoints/car_loan_v1/predict', options);

  it.each([
    ['a list of rows', { json: rows }],
    ['rows in an object', { json: { rows } }],
  ])('answers %s by feature name', async (_what, options) => {
    const { status, body } = await predict(options);
    expect(status).toBe(200);
    expect(body).toMatchObject({ model: 'car_loan_v1', version: 3, prediction: expect.any(String) as string });
    expect(body.rows.map((answer) => answer['label'])).toEqual(labels);
    expect(body.rows[0]?.['probabilities']).toHaveLength(2);
    expect(body.outputs.map(({ name }) => name)).toEqual(['label', 'probabilities']);
  });

  it('answers CSV with a header, whatever the order of its columns', async () => {
    const columns = features.toReversed();
    const lines = [columns, ...rows.map((one) => columns.map((column) => one[column]))];
    const csv = `\uFEFF${lines.map((line) => line.join(',')).join('\r\n')}\r\n`;
    const { status, body } = await predict({ body: csv, headers: { 'content-type': 'text/csv; charset=utf-8' } });
    expect(status).toBe(200);
    expect(body.rows.map((answer) => answer['label'])).toEqual(labels);
  });

  it('takes the columns of a wide input by the names of its features', async () => {
    const json = [Object.fromEntries(iris.features.map((feature, index) => [feature, row[index]]))];
    const { body } = await baton.call<Predicted>('POST', '/v1/endpoints/iris/predict', { json });
    expect(body.rows[0]?.['label']).toBe(iris.expected.outputs[0]?.data[0]);
    const logged = await baton.events.waitFor('prediction.logged', ({ data }) => data?.prediction === body.prediction);
    expect((logged.data as PredictionLogged).inputs[0]).toMatchObject({ name: 'input', shape: [1, 4], data: row });
  });

  it.each<[string, string, object]>([
    ['a feature that is missing', 'car_value', { json: [{ ...rows[0], car_value: undefined }] }],
    ['a word for a number', 'car_value', { json: [{ ...rows[0], car_value: 'much' }] }],
    ['a number for a word', 'salary_range', { json: [{ ...rows[0], salary_range: 7 }] }],
    ['no rows', 'rows', { json: [] }],
    ['something else', 'rows', { json: 5 }],
    [
      'an empty cell',
      'car_value',
      { body: `${features.join()}\n${features.map(() => '').join()}`, headers: csvType() },
    ],
    ['a column too few', 'salary_range', { body: 'car_value\n1', headers: csvType() }],
    ['a line of another length', 'line', { body: `${features.join()}\n1,2`, headers: csvType() }],
  ])('answers %s with 400 naming %s', async (_what, named, options) => {
    const { status, body, headers } = await predict(options);
    expect(status).toBe(400);
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(JSON.stringify(body).toLowerCase()).toContain(named);
  });

  function csvType() {
    return { 'content-type': 'text/csv' };
  }
});

describe('raw tensors', () => {
  const [input] = iris.expected.inputs;
  const [label, probabilities] = iris.expected.outputs;
  const values = Buffer.from(Float32Array.from(row as number[]).buffer);
  const raw = { name: 'input', datatype: 'FP32', shape: [1, 4], parameters: { binary_data_size: values.length } };

  /** The answer to a body of JSON and raw tensors, taken apart. */
  async function ask(request: object, tail: Buffer, headers: Record<string, string> = {}) {
    const json = Buffer.from(JSON.stringify(request));
    const body = Buffer.concat([json, tail]);
    return askWith(body, { 'inference-header-content-length': String(json.length), ...headers });
  }

  async function askWith(body: Buffer, headers: Record<string, string>) {
    const response = await fetch(`${baton.url}/v2/models/iris/infer`, {
      method: 'POST',
      headers: { ...baton.keys.predictor, ...headers },
      body: new Uint8Array(body),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const length = response.headers.get('inference-header-content-length');
    const head = JSON.parse(
      bytes.subarray(0, length === null ? bytes.length : Number(length)).toString(),
    ) as InferAnswer;
    const tail = length === null ? Buffer.alloc(0) : bytes.subarray(Number(length));
    return { status: response.status, type: response.headers.get('content-type'), length, head, tail };
  }

  it('come in and go out, aligned for whoever reads them', async () => {
    const all = Buffer.from(Float32Array.from(input?.data as number[]).buffer);
    const shape = input?.shape ?? [];
    const { status, type, length, head, tail } = await ask(
      {
        id: 'π',
        inputs: [{ ...raw, shape, parameters: { binary_data_size: all.length } }],
        parameters: { binary_data_output: true },
        outputs: [{ name: 'probabilities' }, { name: 'label', parameters: { binary_data: false } }],
      },
      all,
    );
    expect([status, type, Number(length) % 8]).toEqual([200, 'application/octet-stream', 0]);
    expect(head).toMatchObject({ id: 'π', outputs: [{ name: 'probabilities' }, { name: 'label', data: label?.data }] });
    const answered = Array.from(new Float32Array(Uint8Array.from(tail).buffer));
    expect(closeTo(answered, probabilities?.data ?? [])).toBe(true);
  });

  it('come alone in a raw binary request, which is answered in kind', async () => {
    const { status, head, tail } = await askWith(values, { 'inference-header-content-length': '0' });
    expect(status).toBe(200);
    const sizes = head.outputs?.map((one) => (one as unknown as { parameters: Record<string, number> }).parameters);
    expect(sizes?.reduce((sum, size) => sum + (size['binary_data_size'] ?? 0), 0)).toBe(tail.length);
    expect(head.outputs?.map(({ name }) => name)).toEqual(['label', 'probabilities']);
  });

  it('may have what is no number, and JSON says null for it', async () => {
    const missing = Buffer.from(Float32Array.of(5.1, NaN, 1.4, 0.2).buffer);
    const { status, length } = await ask({ inputs: [raw] }, missing);
    expect([status, length]).toEqual([200, null]);
  });

  it('give the classes of greatest value', async () => {
    const outputs = [{ name: 'probabilities', parameters: { classification: 1 } }];
    const { head } = await ask({ inputs: [raw], outputs }, values);
    expect(head.outputs).toEqual([
      { name: 'probabilities', datatype: 'BYTES', shape: [1, 1], data: [expect.stringMatching(/^0\.9\d{5}:0$/)] },
    ]);
  });
});

describe('compression', () => {
  const compressed = { gzip: gzipSync, deflate: deflateSync } as const;

  it.each(['gzip', 'deflate'] as const)('%s goes both ways', async (encoding) => {
    const { inputs, outputs } = testModel('breast_cancer').expected;
    const response = await fetch(`${baton.url}/v2/models/breast_cancer/infer`, {
      method: 'POST',
      headers: {
        ...baton.keys.predictor,
        'content-encoding': encoding,
        'accept-encoding': `br;q=1, ${encoding};q=0.5`,
      },
      body: new Uint8Array(compressed[encoding](JSON.stringify({ inputs }))),
    });
    expect(response.headers.get('content-encoding')).toBe(encoding);
    const body = (await response.json()) as InferAnswer;
    expect(closeTo(body.outputs?.[1]?.data ?? [], outputs[1]?.data ?? [])).toBe(true);
  });

  it('leaves small answers and errors as they are', async () => {
    const headers = { 'accept-encoding': 'gzip, deflate, br' };
    expect((await baton.infer('iris', oneRow, { headers })).headers.has('content-encoding')).toBe(false);
    const error = await baton.infer('iris', { inputs: [{ ...oneRow.inputs[0], name: 'x'.repeat(3000) }] }, { headers });
    expect([error.status, error.headers.has('content-encoding')]).toEqual([400, false]);
  });
});
