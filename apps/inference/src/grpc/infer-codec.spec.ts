import { inferenceProto, type Datatype, type Route } from '@baton/contracts';
import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { toRaw } from '../requests/raw-tensors.js';
import type { ModelTensor } from '../runtime/tensors.js';
import { readGrpcQuestion } from './grpc-question.js';
import { readInferMessage } from './infer-request-message.js';
import { writeInferMessage, writeStreamAnswer, writeStreamError } from './infer-response-message.js';

const root = protobuf.loadSync(inferenceProto);
const typeOf = (name: string) => root.lookupType(`inference.${name}`);
const encode = (name: string, message: object) => {
  const type = typeOf(name);
  return Buffer.from(type.encode(type.fromObject(message)).finish());
};
const decode = (name: string, bytes: Buffer) =>
  typeOf(name).toObject(typeOf(name).decode(bytes), { longs: Number, defaults: true, arrays: true, oneofs: true });

/** A copy of the definition whose lists are not packed. */
const source = readFileSync(inferenceProto, 'utf8');
const lists = /repeated (?:bool|u?int\d\d|float|double) \w+ = \d+/g;
const unpacked = protobuf.parse(source.replace(lists, (field) => `${field} [packed = false]`)).root;

function routeOf(datatype: Datatype): Route {
  const signature = { name: 'x', datatype, shape: [-1, 2] };
  return { inputs: [signature], outputs: [signature] } as unknown as Route;
}

const question = (bytes: Buffer, datatype: Datatype) => readGrpcQuestion(readInferMessage(bytes), routeOf(datatype));
const x = (datatype: Datatype, contents?: object) => ({
  name: 'x',
  datatype,
  shape: [2, 2],
  ...(contents ? { contents } : {}),
});

const typed: [Datatype, string, unknown[], ModelTensor['data']][] = [
  ['BOOL', 'boolContents', [true, false, true, true], Uint8Array.of(1, 0, 1, 1)],
  ['INT8', 'intContents', [-128, 127, 0, -1], Int8Array.of(-128, 127, 0, -1)],
  ['INT16', 'intContents', [-32_768, 32_767, 1, 2], Int16Array.of(-32_768, 32_767, 1, 2)],
  ['INT32', 'intContents', [-(2 ** 31), 2 ** 31 - 1, 0, -1], Int32Array.of(-(2 ** 31), 2 ** 31 - 1, 0, -1)],
  ['UINT8', 'uintContents', [0, 255, 1, 128], Uint8Array.of(0, 255, 1, 128)],
  ['UINT16', 'uintContents', [0, 65_535, 1, 128], Uint16Array.of(0, 65_535, 1, 128)],
  ['UINT32', 'uintContents', [0, 2 ** 32 - 1, 1, 2 ** 31], Uint32Array.of(0, 2 ** 32 - 1, 1, 2 ** 31)],
  ['FP32', 'fp32Contents', [1.5, -0.25, NaN, Infinity], Float32Array.of(1.5, -0.25, NaN, Infinity)],
  ['FP64', 'fp64Contents', [0.1, 1e308, NaN, -Infinity], Float64Array.of(0.1, 1e308, NaN, -Infinity)],
  ['BYTES', 'bytesContents', ['', 'π', 'a\0b', 'x'].map((text) => Buffer.from(text)), ['', 'π', 'a\0b', 'x']],
];
const longs: [Datatype, string, bigint[]][] = [
  ['INT64', 'int64Contents', [-(2n ** 63n), 2n ** 63n - 1n, -1n, 2n ** 53n + 1n]],
  ['UINT64', 'uint64Contents', [0n, 2n ** 64n - 1n, 1n, 2n ** 53n + 1n]],
];

describe('readInferMessage', () => {
  it.each(typed)('reads typed contents of %s, packed and not', (datatype, field, values, expected) => {
    const request = { modelName: 'm', inputs: [x(datatype, { [field]: values })] };
    const loose = unpacked.lookupType('inference.ModelInferRequest');
    const unpackedBytes = Buffer.from(loose.encode(loose.fromObject(request)).finish());
    const packedBytes = encode('ModelInferRequest', request);
    if (datatype !== 'BYTES') expect(unpackedBytes.length).toBeGreaterThan(packedBytes.length);
    for (const bytes of [packedBytes, unpackedBytes]) {
      expect(question(bytes, datatype).inputs).toEqual([{ name: 'x', datatype, shape: [2, 2], data: expected }]);
    }
  });

  it.each(longs)('reads typed contents of %s exactly', (datatype, field, values) => {
    const unsigned = datatype === 'UINT64';
    const parts = values.map((value) => ({
      low: Number(BigInt.asIntN(32, value)),
      high: Number(BigInt.asIntN(32, value >> 32n)),
      unsigned,
    }));
    const bytes = encode('ModelInferRequest', { inputs: [x(datatype, { [field]: parts })] });
    const [tensor] = question(bytes, datatype).inputs;
    expect(Array.from(tensor?.data as BigInt64Array)).toEqual(values);
  });

  it('has every field, in any order and given twice', () => {
    const one = encode('ModelInferRequest', {
      modelName: 'first',
      modelVersion: '3',
      id: 'Größe-π',
      parameters: {
        event_time: { stringParam: '2025-01-01' },
        timeout: { int64Param: 5 },
        large: { uint64Param: { low: -1, high: -1, unsigned: true } },
        negative: { int64Param: -7 },
        yes: { boolParam: true },
        half: { doubleParam: 0.5 },
        ['__proto__']: { stringParam: 'only a name' },
      },
      inputs: [x('FP32')],
      outputs: [{ name: 'y', parameters: { classification: { int64Param: 2 } } }, { name: 'z' }],
      rawInputContents: [Buffer.from([1, 2, 3])],
    });
    const two = encode('ModelInferRequest', { modelName: 'second', rawInputContents: [Buffer.from([4])] });
    const message = readInferMessage(Buffer.concat([one, two]));
    expect(message).toMatchObject({
      endpoint: 'second',
      version: '3',
      id: 'Größe-π',
      inputs: [{ name: 'x', datatype: 'FP32', shape: [2, 2] }],
      raw: [Buffer.from([1, 2, 3]), Buffer.from([4])],
    });
    expect(Object.fromEntries(message.parameters ?? [])).toEqual({
      event_time: '2025-01-01',
      timeout: 5,
      large: 2n ** 64n - 1n,
      negative: -7,
      yes: true,
      half: 0.5,
      ['__proto__']: 'only a name',
    });
    expect(message.outputs).toEqual([
      { name: 'y', parameters: new Map([['classification', 2]]) },
      { name: 'z', parameters: undefined },
    ]);
  });

  it('has views of the raw contents, not copies', () => {
    const bytes = encode('ModelInferRequest', { rawInputContents: [Buffer.alloc(100)] });
    expect(readInferMessage(bytes).raw[0]?.buffer).toBe(bytes.buffer);
  });

  it('skips what it does not know', () => {
    const unknown = [
      [0x78, 0x96, 0x01], // 15: varint
      [0x79, 1, 2, 3, 4, 5, 6, 7, 8], // 15: 64 bits
      [0x7a, 2, 9, 9], // 15: bytes
      [0x7b, 0x08, 1, 0x0b, 0x0c, 0x7c], // 15: a group with a group in it
      [0x7d, 1, 2, 3, 4], // 15: 32 bits
      [0xf8, 0xff, 0xff, 0xff, 0x0f, 0], // the greatest field number
    ].map((bytes) => Buffer.from(bytes));
    const known = encode('ModelInferRequest', { modelName: 'm', id: 'i' });
    expect(readInferMessage(Buffer.concat([...unknown, known, ...unknown]))).toMatchObject({ endpoint: 'm', id: 'i' });
  });

  it.each<[string, number[], RegExp]>([
    ['a text that ends early', [0x0a, 5, 65], /^model_name: .*ends early/],
    ['a text that is none', [0x0a, 1, 0xff], /^model_name: .*not UTF-8/],
    ['a length beyond 32 bits', [0x1a, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], /^id: .*outside/],
    ['a number that does not end', [0x78, ...Array.from({ length: 11 }, () => 0xff)], /^field 15: .*does not end/],
    ['a field written in another way', [0x08, 1], /^model_name: .*wire type 0, not 2/],
    ['a field of the number 0', [0x02, 0], /^message: .*no such field/],
    ['an unknown wire type', [0x7e], /^field 15: .*no wire type 6/],
    ['a group that does not end', [0x7b], /^field 15: .*ends early/],
    ['an input that ends early', [0x2a, 2, 0x0a, 9], /^inputs\.name: .*ends early/],
    ['a shape that ends early', [0x2a, 3, 0x1a, 1, 0x80], /^inputs\.shape: .*ends early/],
    ['a parameter that is malformed', [0x22, 4, 0x12, 2, 0x1a, 9], /^parameters\.value\.string_param: .*ends early/],
    ['far too many inputs', Array.from({ length: 5000 }, () => [0x2a, 0]).flat(), /^inputs: .*more than 4096/],
    [
      'far too many sizes',
      [0x2a, 0x8b, 0x27, 0x1a, 0x88, 0x27, ...new Array<number>(5000).fill(1)],
      /^inputs\.shape: .*4096/,
    ],
  ])('refuses %s', (_what, bytes, message) => {
    expect(() => readInferMessage(Buffer.from(bytes))).toThrow(message);
  });

  it('ends for any bytes', () => {
    const good = encode('ModelInferRequest', { modelName: 'm', inputs: [x('FP32', { fp32Contents: [1, 2, 3, 4] })] });
    let seed = 1;
    const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
    let refused = 0;
    for (let round = 0; round < 20_000; round += 1) {
      const bytes = Buffer.from(good);
      for (let change = 0; change <= random(4); change += 1) bytes[random(bytes.length)] = random(256);
      try {
        question(bytes.subarray(0, bytes.length - random(3)), 'FP32');
      } catch (error) {
        refused += 1;
        expect(error).toMatchObject({ name: 'ServiceError', status: 400 });
      }
    }
    expect(refused).toBeGreaterThan(1000);
  });
});

describe('readGrpcQuestion', () => {
  const raw = Buffer.from(Float32Array.of(1, 2, 3, 4).buffer);
  const ask = (request: object, datatype: Datatype = 'FP32') =>
    question(encode('ModelInferRequest', request), datatype);

  it('takes raw contents', () => {
    const { inputs, wanted, id } = ask({ inputs: [x('FP32')], rawInputContents: [raw] });
    expect(inputs[0]?.data).toEqual(Float32Array.of(1, 2, 3, 4));
    expect([wanted, id]).toEqual([[], undefined]);
  });

  it.each<[string, object, RegExp, Datatype?]>([
    [
      'raw and typed contents',
      { inputs: [x('FP32', { fp32Contents: [1] })], rawInputContents: [raw] },
      /^x: .*one of them/,
    ],
    ['a raw content too many', { inputs: [x('FP32')], rawInputContents: [raw, raw] }, /^raw_input_contents: .*2 for 1/],
    [
      'the field of another type',
      { inputs: [x('FP32', { intContents: [1, 2, 3, 4] })] },
      /^x: .*int_contents.*fp32_contents/,
    ],
    [
      'two fields',
      { inputs: [x('FP32', { fp32Contents: [1, 2, 3, 4], boolContents: [true] })] },
      /^x: .*bool_contents/,
    ],
    ['a value too few', { inputs: [x('FP32', { fp32Contents: [1, 2, 3] })] }, /^x: .*needs 4 values, and there are 3/],
    ['a value too many', { inputs: [x('FP32', { fp32Contents: [1, 2, 3, 4, 5] })] }, /^x: .*there are 5/],
    ['no values', { inputs: [x('FP32')] }, /^x: .*needs 4 values, and there are fewer/],
    ['a size far beyond the values', { inputs: [{ ...x('FP32'), shape: [1e8, 2] }] }, /^x: .*there are fewer/],
    [
      'a value beyond its type',
      { inputs: [x('INT8', { intContents: [1, 2, 300, 4] })] },
      /^x\[2\]: 300 .*INT8/,
      'INT8',
    ],
    ['FP16 in any field', { inputs: [x('FP16', { fp32Contents: [1, 2, 3, 4] })] }, /^x: .*raw_input_contents/, 'FP16'],
    [
      'bytes that are no text',
      {
        inputs: [
          x('BYTES', { bytesContents: [...'abc'].map((text) => Buffer.from(text)).concat(Buffer.from([0xff])) }),
        ],
      },
      /^x\[3\]: it is not UTF-8/,
      'BYTES',
    ],
    ['a negative size', { inputs: [{ ...x('FP32'), shape: [-2, 2] }], rawInputContents: [raw] }, /^x: its shape/],
    ['no inputs', {}, /^inputs: there are none/],
    [
      'shared memory',
      { inputs: [{ ...x('FP32'), parameters: { shared_memory_region: { stringParam: 'r' } } }] },
      /^x: shared memory/,
    ],
  ])('refuses %s', (_what, request, message, datatype) => {
    expect(() => ask(request, datatype)).toThrow(message);
  });
});

describe('answers', () => {
  const route = { version: 2, deployment: 'dep', digest: 'f'.repeat(64) } as unknown as Route;
  const outputs: ModelTensor[] = [
    { name: 'label', datatype: 'BYTES', shape: [2], data: ['π', ''] },
    { name: 'n'.repeat(200), datatype: 'INT64', shape: [2, 1, 300], data: new BigInt64Array(600).fill(-1n) },
    { name: 'ü'.repeat(9000), datatype: 'FP16', shape: [], data: Uint16Array.of(0x3c00) },
  ];
  const answer = { prediction: 'pred', route, id: 'Größe-π', outputs };

  it('are as the definition has them', () => {
    const text = (value: string) => ({ stringParam: value, parameterChoice: 'stringParam' });
    const expected = {
      modelName: 'iris',
      modelVersion: '2',
      id: 'Größe-π',
      parameters: { prediction: text('pred'), deployment: text('dep'), digest: text('f'.repeat(64)) },
      outputs: outputs.map(({ name, datatype, shape }) => ({ name, datatype, shape, contents: null, parameters: {} })),
      rawOutputContents: outputs.map(toRaw),
    };
    for (let again = 0; again < 2; again += 1) {
      expect(decode('ModelInferResponse', writeInferMessage('iris', answer))).toMatchObject(expected);
    }
  });

  it('may be the last of a stream’s, and may be an error', () => {
    const bytes = writeStreamAnswer(writeInferMessage('iris', { ...answer, id: undefined }, true));
    expect(decode('ModelStreamInferResponse', bytes)).toMatchObject({
      errorMessage: '',
      inferResponse: { id: '', parameters: { triton_final_response: { boolParam: true } } },
    });
    expect(decode('ModelStreamInferResponse', writeStreamError('x: is wrong', 'r-1'))).toMatchObject({
      errorMessage: 'x: is wrong',
      inferResponse: { id: 'r-1', modelName: '' },
    });
  });
});
