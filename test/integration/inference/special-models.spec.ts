import type { Datatype } from '@baton/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPolicy } from './released-models.js';
import { RunningInference, type InferAnswer } from './running-inference.js';
import { echo, echoed, lookup, openRows, shares } from './special-models.js';

let baton: RunningInference;

beforeAll(async () => {
  baton = await RunningInference.start();
  for (const model of [echo(), lookup(), shares(), openRows()])
    await baton.deploy(model.name, model, { policy: openPolicy });
});

afterAll(() => baton.remove());

const infer = (endpoint: string, name: string, datatype: string, shape: number[], data: unknown[]) =>
  baton.infer(endpoint, { inputs: [{ name, datatype, shape, data }] });
const valuesOf = (body: InferAnswer) => body.outputs?.[0]?.data;

const values: Record<string, [string, string]> = {
  FP32: ['-1.5', '3.4028234663852886e+38'],
  FP64: ['0.1', '1.7976931348623157e+308'],
  FP16: ['-1.5', '65504'],
  INT8: ['-128', '127'],
  INT16: ['-32768', '32767'],
  INT32: ['-2147483648', '2147483647'],
  INT64: ['-9223372036854775808', '9007199254740993'],
  UINT8: ['0', '255'],
  UINT16: ['0', '65535'],
  UINT32: ['0', '4294967295'],
  UINT64: ['0', '18446744073709551615'],
  BOOL: ['true', 'false'],
  BYTES: ['""', '"π\\n漢"'],
};

describe('every datatype', () => {
  const tensorsOf = (change: Partial<Record<Datatype, string>> = {}) => {
    const inputs = echoed.map((type) => {
      const data = change[type] ?? values[type]?.join(',');
      return `{"name":"${type}","datatype":"${type}","shape":[1,2],"data":[${data}]}`;
    });
    return `{"inputs":[${inputs.join(',')}]}`;
  };
  const ask = async (body: string) => {
    const headers = { ...baton.keys.predictor };
    return fetch(`${baton.url}/v2/models/echo/infer`, { method: 'POST', headers, body });
  };

  it('comes back exactly, 64-bit integers too', async () => {
    const answer = await ask(tensorsOf());
    const text = await answer.text();
    for (const type of echoed) {
      expect(text).toContain(
        `"name":"${type}_out","datatype":"${type}","shape":[1,2],"data":[${values[type]?.join(',')}]`,
      );
    }
    const id = answer.headers.get('baton-prediction-id');
    const { data } = await baton.events.waitFor('prediction.logged', (event) => event.data?.prediction === id);
    const logged = data?.inputs.find(({ name }) => name === 'INT64');
    expect(logged?.data).toEqual(values['INT64']);
    expect(data?.inputs.find(({ name }) => name === 'BOOL')?.data).toEqual([true, false]);
  });

  it.each<[Datatype, string]>([
    ['FP64', '1e309,0'],
    ['FP32', '3.5e38,0'],
    ['FP16', '65520,0'],
    ['INT8', '128,0'],
    ['INT16', '1.5,0'],
    ['INT32', '2147483648,0'],
    ['INT64', '9223372036854775808,0'],
    ['UINT8', '-1,0'],
    ['UINT16', '65536,0'],
    ['UINT32', '4294967296,0'],
    ['UINT64', '18446744073709551616,0'],
    ['BOOL', '1,0'],
    ['BYTES', 'NaN,""'],
  ])('%s refuses %s, naming the input', async (type, data) => {
    const answer = await ask(tensorsOf({ [type]: data }));
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining(type)]);
  });
});

describe('a run that fails', () => {
  it('fails its own request and none that ran with it, and is logged', async () => {
    const ask = (index: number) => infer('lookup', 'index', 'INT64', [1], [index]);
    const answers = await Promise.all(Array.from({ length: 60 }, (_, i) => ask(i % 10 === 0 ? 99 : i % 4)));
    answers.forEach(({ status, body }, i) => {
      if (i % 10 === 0) expect([status, body.error]).toEqual([400, expect.stringContaining('could not be run')]);
      else expect([status, valuesOf(body)]).toEqual([200, [10 * ((i % 4) + 1)]]);
    });
    const { data } = await baton.events.waitFor(
      'prediction.logged',
      (event) => event.data?.endpoint === 'lookup' && event.data.outcome === 'failed',
    );
    expect(data).toMatchObject({ rows: 1, inputs: [{ name: 'index', data: [99] }], outputs: [] });
  });

  it('tells no value where the policy holds values back', async () => {
    const policy = { ...openPolicy, logging: 'none' as const };
    await baton.deploy('careful', lookup(), { policy });
    const { status } = await infer('careful', 'index', 'INT64', [1], ['my-secret']);
    expect(status).toBe(400);
    const { data } = await baton.events.waitFor('prediction.logged', (event) => event.data?.endpoint === 'careful');
    expect(data).toMatchObject({ outcome: 'failed', error: expect.stringContaining('index') as string });
    expect(JSON.stringify(data)).not.toContain('my-secret');
  });
});

describe('requests that arrive together', () => {
  it('do not get into each other’s rows when the model would mix them', async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => infer('shares', 'x', 'FP32', [1, 1], [i])));
    expect(answers.map(({ body }) => valuesOf(body))).toEqual(answers.map(() => [1]));
    expect(valuesOf((await infer('shares', 'x', 'FP32', [2, 1], [0, 0])).body)).toEqual([0.5, 0.5]);
  });

  it('may have rows of different lengths', async () => {
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, i) => {
        const data = Array.from({ length: 1 + (i % 5) }, (_unused, at) => i + at);
        return infer('open-rows', 'x', 'FP32', [1, data.length], data).then(({ body }) => ({ data, body }));
      }),
    );
    for (const { data, body } of answers) expect(valuesOf(body)).toEqual(data.map((value) => value * value));
  });

  it('is refused by rows when its values have no names', async () => {
    const answer = await baton.call('POST', '/v1/endpoints/open-rows/predict', { json: [{ x: 1 }] });
    expect(answer.status).toBe(400);
  });
});
