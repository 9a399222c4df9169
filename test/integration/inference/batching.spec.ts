import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GrpcCalls, rawBytes, readRaw } from './grpc-calls.js';
import { testModel } from './released-models.js';
import { closeTo, RunningInference } from './running-inference.js';

let baton: RunningInference;
let grpc: GrpcCalls;
const { expected } = testModel('breast_cancer');
const values = expected.inputs[0]?.data as number[];
const probabilities = expected.outputs.find(({ name }) => name === 'probabilities')?.data as number[];
const rowsOf = (first: number, count: number) => values.slice(first * 30, (first + count) * 30);
const wanted = (first: number, count: number) => probabilities.slice(first * 2, (first + count) * 2);

beforeAll(async () => {
  baton = await RunningInference.start();
  await baton.deploy('cancer', testModel('breast_cancer'));
  grpc = new GrpcCalls(`127.0.0.1:${baton.config.grpcPort}`);
});

afterAll(async () => {
  grpc.close();
  await baton.remove();
});

async function overRest(first: number, count: number): Promise<unknown[]> {
  const inputs = [{ name: 'input', datatype: 'FP32', shape: [count, 30], data: rowsOf(first, count) }];
  const { body } = await baton.infer('cancer', { inputs });
  return body.outputs?.find(({ name }) => name === 'probabilities')?.data ?? [body.error];
}

async function overGrpc(first: number, count: number): Promise<unknown[]> {
  const { body, message } = await grpc.call(
    'ModelInfer',
    {
      model_name: 'cancer',
      inputs: [{ name: 'input', datatype: 'FP32', shape: [count, 30] }],
      outputs: [{ name: 'probabilities' }],
      raw_input_contents: [rawBytes('FP32', rowsOf(first, count))],
    },
    baton.keys.predictor,
  );
  const [bytes] = (body['raw_output_contents'] as Buffer[] | undefined) ?? [];
  return bytes ? readRaw('FP32', bytes) : [message];
}

describe('requests that arrive together', () => {
  it('get their own answers, over both interfaces, bad ones among them', async () => {
    const asked = Array.from({ length: 400 }, (_, index) => {
      const count = 1 + (index % 3);
      const first = (index * 7) % (20 - count);
      return { first, count, bad: index % 17 === 0, ask: index % 2 === 0 ? overRest : overGrpc };
    });
    const answers = await Promise.all(
      asked.map(({ first, count, bad, ask }) => (bad ? overRest(first, 0) : ask(first, count))),
    );
    const wrong = asked.filter(({ first, count, bad }, index) => {
      const answer = answers[index] ?? [];
      return bad ? !String(answer[0]).includes('input') : !closeTo(answer, wanted(first, count));
    });
    expect(wrong).toEqual([]);
  });

  it('are all logged, each with its own rows', async () => {
    const rows = Array.from({ length: 20 }, (_, index) => index);
    const ids = await Promise.all(
      rows.map(async (first) => {
        const inputs = [{ name: 'input', datatype: 'FP32', shape: [1, 30], data: rowsOf(first, 1) }];
        return (await baton.infer('cancer', { inputs })).body.parameters?.['prediction'];
      }),
    );
    for (const [first, id] of ids.entries()) {
      const { data } = await baton.events.waitFor('prediction.logged', (event) => event.data?.prediction === id);
      expect(data?.inputs[0]?.data).toEqual(rowsOf(first, 1));
      const output = data?.outputs.find(({ name }) => name === 'probabilities');
      expect(closeTo(output?.data ?? [], wanted(first, 1))).toBe(true);
    }
  });
});
