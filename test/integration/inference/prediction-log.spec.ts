import type { EndpointPolicy, PredictionLogged, TensorRecord } from '@baton/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPolicy, testModel } from './released-models.js';
import { RunningInference } from './running-inference.js';

const iris = testModel('iris');
const loan = testModel('car_loan_v1');
const data = [5.099999904632568, 3.5, 1.399999976158142, 0.20000000298023224];
const good = { inputs: [{ name: 'input', datatype: 'FP32', shape: [1, 4], data }] };
const loans = {
  inputs: loan.expected.inputs.map((input) => ({ ...input, shape: [2, 1], data: input.data.slice(0, 2) })),
};

let baton: RunningInference;

beforeAll(async () => {
  baton = await RunningInference.start();
});

afterAll(() => baton.remove());

const policy = (change: Partial<EndpointPolicy>) => ({ policy: { ...openPolicy, ...change } });

async function logged(fits: (said: PredictionLogged) => boolean): Promise<PredictionLogged> {
  const event = await baton.events.waitFor('prediction.logged', (one) => one.data !== null && fits(one.data));
  return event.data as PredictionLogged;
}

async function asked(endpoint: string, json: object): Promise<PredictionLogged> {
  const { body } = await baton.infer(endpoint, json);
  const id = body.parameters?.['prediction'];
  return logged(({ prediction }) => prediction === id);
}

const named = (tensors: readonly TensorRecord[], name: string) => tensors.find((tensor) => tensor.name === name);

describe('prediction.logged', () => {
  it.each(['write', 'sync'] as const)('says everything about an answered request, recorded by %s', async (record) => {
    const route = await baton.deploy(`full-${record}`, iris, policy({ record }), 6);
    const before = Date.now();
    const said = await asked(`full-${record}`, { ...good, id: 'mine' });
    expect(said).toMatchObject({
      requestId: 'mine',
      endpoint: `full-${record}`,
      project: 'default',
      deployment: route.deployment,
      model: 'iris',
      version: 6,
      digest: route.digest,
      outcome: 'ok',
      rows: 1,
      inputs: [{ name: 'input', datatype: 'FP32', shape: [1, 4], data }],
      outputs: [
        { name: 'label', datatype: 'BYTES', shape: [1], data: ['setosa'] },
        { name: 'probabilities', datatype: 'FP32', shape: [1, 3] },
      ],
    });
    expect(said.eventTime).toBe(said.receivedAt);
    expect(Date.parse(said.receivedAt)).toBeGreaterThanOrEqual(before);
    expect(said.latencyMs).toBeGreaterThan(0);
    expect(said.caller).toMatch(/^[0-9a-z]{16}$/);
  });

  it('counts without a gap', async () => {
    await baton.deploy('counted', iris);
    await Promise.all(Array.from({ length: 300 }, () => baton.infer('counted', good)));
    const last = await asked('counted', good);
    await logged(({ sequence }) => sequence === last.sequence);
    const sequences = new Set(baton.events.of('prediction.logged').map((event) => event.data?.sequence));
    expect([...sequences].toSorted((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: last.sequence }, (_, index) => index + 1),
    );
  });

  it('believes the caller’s event time where the endpoint allows it', async () => {
    await baton.deploy('dated', iris, policy({ eventTime: true }));
    const said = await asked('dated', { ...good, parameters: { event_time: '2015-06-01T12:00:00+02:00' } });
    expect(said.eventTime).toBe('2015-06-01T10:00:00.000Z');
    const json = { rows: [Object.fromEntries(iris.features.map((feature, index) => [feature, data[index]]))] };
    const byRows = await baton.call('POST', '/v1/endpoints/dated/predict', {
      json: { ...json, eventTime: '2015-06-02T12:00:00Z' },
    });
    const { eventTime } = await logged(({ prediction }) => prediction === byRows.body['prediction']);
    expect(eventTime).toBe('2015-06-02T12:00:00.000Z');
    const query = await baton.call('POST', '/v1/endpoints/dated/predict?event_time=2015-06-03T12:00:00Z', { json });
    const byQuery = await logged(({ prediction }) => prediction === query.body['prediction']);
    expect(byQuery.eventTime).toBe('2015-06-03T12:00:00.000Z');
  });

  it('holds of each feature what the policy allows', async () => {
    const features = { salary_range: 'hash', car_value: 'none', label: 'none' } as const;
    await baton.deploy('careful', loan, policy({ features }));
    const { inputs, outputs } = await asked('careful', loans);
    const hashes = named(inputs, 'salary_range')?.data ?? [];
    expect(hashes).toHaveLength(2);
    for (const hash of hashes) expect(hash).toMatch(/^[0-9a-f]{32,64}$/);
    expect(hashes[0]).not.toBe(hashes[1]);
    const again = await asked('careful', loans);
    expect(named(again.inputs, 'salary_range')?.data).toEqual(hashes);
    expect(named(inputs, 'car_value')).toEqual({ name: 'car_value', datatype: 'FP32', shape: [2, 1] });
    expect(named(inputs, 'loan_length')?.data).toEqual(loans.inputs.find(({ name }) => name === 'loan_length')?.data);
    expect(named(outputs, 'label')?.data).toBeUndefined();
    expect(named(outputs, 'probabilities')?.data).toHaveLength(4);
  });

  it('holds single columns back, and nothing at all when nothing is named', async () => {
    await baton.deploy('columns', iris, policy({ features: { sepal_width: 'none', petal_width: 'hash' } }));
    const [input] = (await asked('columns', good)).inputs;
    expect(input?.data).toEqual([data[0], null, data[2], expect.stringMatching(/^[0-9a-f]{32,64}$/)]);
    await baton.deploy('silent', iris, policy({ logging: 'none', features: { sepal_length: 'full' } }));
    const silent = await asked('silent', good);
    expect(silent.inputs[0]?.data).toEqual([data[0], null, null, null]);
    for (const output of silent.outputs) expect(output.data).toBeUndefined();
  });

  it('tells of a request that failed, once it is known what it was for', async () => {
    await baton.deploy('failing', iris);
    const { status } = await baton.infer('failing', { ...good, inputs: [{ ...good.inputs[0], datatype: 'FP64' }] });
    expect(status).toBe(400);
    const said = await logged(({ endpoint, outcome }) => endpoint === 'failing' && outcome === 'failed');
    expect(said).toMatchObject({ version: 1, outputs: [], error: expect.stringContaining('FP32') as string });
  });
});
