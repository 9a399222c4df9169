import type { Route } from '@baton/contracts';
import { describe, expect, it } from 'vitest';
import { headerLengthOf } from './binary-request.js';
import { readRestQuestion, writeRestAnswer } from './rest-messages.js';

const route = {
  inputs: [
    { name: 'x', datatype: 'FP32', shape: [-1, 2] },
    { name: 'who', datatype: 'BYTES', shape: [-1, 1] },
    { name: 'n', datatype: 'INT64', shape: [-1] },
  ],
  outputs: [
    { name: 'label', datatype: 'BYTES', shape: [-1] },
    { name: 'scores', datatype: 'FP32', shape: [-1, 3] },
  ],
} as unknown as Route;

const raw = {
  x: Buffer.from(Float32Array.of(1, 2).buffer),
  who: Buffer.from([2, 0, 0, 0, 0xcf, 0x80]),
};
const x = { name: 'x', datatype: 'FP32', shape: [1, 2], parameters: { binary_data_size: 8 } };
const who = { name: 'who', datatype: 'BYTES', shape: [1, 1], parameters: { binary_data_size: 6 } };
const n = { name: 'n', datatype: 'INT64', shape: [1], data: [7] };

const read = (request: unknown, ...tensors: Buffer[]) => {
  const json = Buffer.from(JSON.stringify(request));
  return readRestQuestion({ body: Buffer.concat([json, ...tensors]), headerLength: json.length, route });
};
const readJson = (request: unknown) => readRestQuestion({ body: Buffer.from(JSON.stringify(request)), route });

describe('a request with raw tensors', () => {
  it('may have values in JSON beside them, in any order', () => {
    const expected = [
      { name: 'x', datatype: 'FP32', shape: [1, 2], data: Float32Array.of(1, 2) },
      { name: 'who', datatype: 'BYTES', shape: [1, 1], data: ['π'] },
      { name: 'n', datatype: 'INT64', shape: [1], data: BigInt64Array.of(7n) },
    ];
    expect(read({ inputs: [x, n, who] }, raw.x, raw.who).inputs).toEqual(expected);
    expect(read({ inputs: [who, x, n] }, raw.who, raw.x).inputs).toEqual(expected);
  });

  it.each<[string, object[], Buffer[], RegExp]>([
    [
      'a size that leads outside',
      [x, who, n],
      [raw.x],
      /^inputs\[1\]\.parameters\.binary_data_size: it says 6 .* 0 left/,
    ],
    ['a size that is no number', [{ ...x, parameters: { binary_data_size: '8' } }, who, n], [], /binary_data_size/],
    ['a negative size', [{ ...x, parameters: { binary_data_size: -1 } }, who, n], [], /binary_data_size/],
    ['a broken size', [{ ...x, parameters: { binary_data_size: 1.5 } }, who, n], [], /binary_data_size/],
    ['bytes that are left over', [x, who, n], [raw.x, raw.who, raw.x], /^body: 8 bytes are left/],
    ['values and raw values of one input', [{ ...x, data: [1, 2] }, who, n], [raw.x, raw.who], /^x: .*one of them/],
    ['fewer bytes than the shape needs', [{ ...x, shape: [2, 2] }, who, n], [raw.x, raw.who], /^x: .*needs 16 bytes/],
    [
      'shared memory',
      [{ ...x, parameters: { shared_memory_region: 'r', shared_memory_byte_size: 8 } }, who, n],
      [],
      /shared memory/,
    ],
  ])('refuses %s', (_what, inputs, tensors, message) => {
    expect(() => read({ inputs }, ...tensors)).toThrow(message);
  });

  it('refuses JSON that would be longer than the body, and is not taken for one without its header', () => {
    const body = Buffer.from('{}');
    expect(() => readRestQuestion({ body, headerLength: 3, route })).toThrow(/^inference-header-content-length/);
    expect(() => readJson({ inputs: [x, who, n] })).toThrow(/^inputs\[0\]: .*Inference-Header-Content-Length/);
  });
});

describe('a raw binary request', () => {
  const of = (datatype: string, ...shape: number[]) =>
    ({ inputs: [{ name: 'one', datatype, shape }], outputs: [] }) as unknown as Route;
  const ask = (body: Buffer, one: Route) => readRestQuestion({ body, headerLength: 0, route: one });

  it.each<[string, Route, Buffer, object]>([
    ['rows', of('FP32', -1, 2), Buffer.alloc(24), { shape: [3, 2], data: new Float32Array(6) }],
    ['a fixed shape', of('INT8', 2, 2), Buffer.from([1, 2, 3, 4]), { shape: [2, 2], data: Int8Array.of(1, 2, 3, 4) }],
    ['a text without its length', of('BYTES', -1, 1), Buffer.from('π'), { shape: [1, 1], data: ['π'] }],
    ['an empty text', of('BYTES', 1), Buffer.alloc(0), { shape: [1], data: [''] }],
  ])('takes %s', (_what, one, body, expected) => {
    const { inputs, answer } = ask(body, one);
    expect(inputs).toEqual([expect.objectContaining(expected)]);
    expect(answer).toEqual({ isBinary: true, outputs: [] });
  });

  it.each<[string, Route, Buffer, RegExp]>([
    ['bytes that fill no row', of('FP32', -1, 2), Buffer.alloc(12), /^one: 12 bytes do not fill/],
    ['no bytes', of('FP32', -1, 2), Buffer.alloc(0), /^one: 0 bytes do not fill/],
    ['too many for a fixed shape', of('INT8', 2, 2), Buffer.alloc(8), /^one: 8 bytes do not fill/],
    ['two open dimensions', of('FP32', -1, -1), Buffer.alloc(8), /^one: .*one dimension open/],
    ['several texts', of('BYTES', -1, 2), Buffer.from('x'), /^one: .*one text/],
    ['a text that is none', of('BYTES', -1), Buffer.from([0xff]), /^one\[0\]: it is not UTF-8/],
    ['a model of several inputs', route, Buffer.alloc(8), /models of one input/],
  ])('refuses %s', (_what, one, body, message) => {
    expect(() => ask(body, one)).toThrow(message);
  });
});

describe('the form of the answer', () => {
  const inputs = [{ ...x, parameters: undefined, data: [1, 2] }, { ...who, parameters: undefined, data: ['π'] }, n];
  const answered = {
    prediction: 'p',
    route,
    id: 'r-1',
    outputs: [
      { name: 'label', datatype: 'BYTES' as const, shape: [1], data: ['a'] },
      { name: 'scores', datatype: 'FP32' as const, shape: [1, 3], data: Float32Array.of(0.25, 0.5, NaN) },
    ],
  };
  const answerTo = (request: object) => {
    const { body, headerLength } = writeRestAnswer('e', answered, readJson({ inputs, ...request }).answer);
    const json = JSON.parse(body.subarray(0, headerLength).toString()) as { outputs: Record<string, unknown>[] };
    return { ...json, tail: body.subarray(headerLength ?? body.length) };
  };
  const binaryOf = ({ outputs }: { outputs: Record<string, unknown>[] }) => outputs.map((one) => !('data' in one));

  it.each<[string, object, boolean[]]>([
    ['JSON, where nothing is said', {}, [false, false]],
    ['raw, where that is the default', { parameters: { binary_data_output: true } }, [true, true]],
    [
      'as each output wants it',
      { outputs: [{ name: 'label' }, { name: 'scores', parameters: { binary_data: true } }] },
      [false, true],
    ],
    [
      'as an output wants it, against the default',
      {
        parameters: { binary_data_output: true },
        outputs: [{ name: 'scores' }, { name: 'label', parameters: { binary_data: false } }],
      },
      [false, true],
    ],
  ])('is %s', (_what, request, expected) => {
    expect(binaryOf(answerTo(request))).toEqual(expected);
  });

  it('has null for what is no number in JSON, and the bits in raw tensors', () => {
    expect(answerTo({}).outputs[1]).toMatchObject({ data: [0.25, 0.5, null] });
    const { tail } = answerTo({ parameters: { binary_data_output: true } });
    expect(tail.subarray(5).equals(Buffer.from(Float32Array.of(0.25, 0.5, NaN).buffer))).toBe(true);
  });

  it('may be the classes of greatest value', () => {
    const { outputs } = answerTo({ outputs: [{ name: 'scores', parameters: { classification: 2 } }] });
    expect(outputs[1]).toEqual({
      name: 'scores',
      datatype: 'BYTES',
      shape: [1, 2],
      data: ['0.500000:1', '0.250000:0'],
    });
  });

  it.each<[string, object, RegExp]>([
    ['classes of text', { outputs: [{ name: 'label', parameters: { classification: 2 } }] }, /^label: .*numbers only/],
    ['a class too few', { outputs: [{ name: 'scores', parameters: { classification: -1 } }] }, /classification/],
    ['a wish that is neither', { outputs: [{ name: 'label', parameters: { binary_data: 1 } }] }, /binary_data/],
    ['a default that is neither', { parameters: { binary_data_output: 'yes' } }, /binary_data_output/],
    ['shared memory', { outputs: [{ name: 'label', parameters: { shared_memory_region: 'r' } }] }, /shared memory/],
  ])('cannot be %s', (_what, request, message) => {
    expect(() => readJson({ inputs, ...request })).toThrow(message);
  });

  it('keeps the parameters of the request for whoever needs them', () => {
    const question = readJson({ inputs, id: 'π', parameters: { timeout: 5, event_time: 'now' } });
    expect(question).toMatchObject({ id: 'π', eventTime: 'now', parameters: { timeout: 5, event_time: 'now' } });
  });
});

describe('headerLengthOf', () => {
  it('is a number of bytes, or nothing', () => {
    expect([headerLengthOf(undefined), headerLengthOf('0'), headerLengthOf('120')]).toEqual([undefined, 0, 120]);
  });

  it.each(['', '-1', '1.5', 'x', '1e3', '99999999999'])('refuses "%s"', (value) => {
    expect(() => headerLengthOf(value)).toThrow(/^inference-header-content-length/);
  });
});
