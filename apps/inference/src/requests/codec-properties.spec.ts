import { datatypes, type Datatype, type Route } from '@baton/contracts';
import { describe, expect, it } from 'vitest';
import { makeData, type ModelTensor, type TensorData } from '../runtime/tensors.js';
import { halfToNumber } from './half.js';
import { valuesJson, writeInferResponse } from './infer-response.js';
import { toRaw } from './raw-tensors.js';
import { readRestQuestion, writeRestAnswer } from './rest-messages.js';

const ROUNDS = 40;

/** Numbers that look random and are the same in every run (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const texts = ['', 'a', 'π漢', '😀', '"\\\n', '\u0000', 'x'.repeat(300)];

/** Any bits that the datatype has: of floats also what is no number, where raw contents allow it. */
function randomData(datatype: Datatype, count: number, random: () => number): TensorData {
  if (datatype === 'BYTES')
    return Array.from({ length: count }, () => texts[Math.floor(random() * texts.length)] ?? '');
  const data = makeData(datatype, count) as Exclude<TensorData, string[]>;
  const bytes = new Uint8Array(data.buffer);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = Math.floor(random() * (datatype === 'BOOL' ? 2 : 256));
  return data;
}

function randomTensor(datatype: Datatype, random: () => number): ModelTensor {
  const shape = Array.from({ length: 1 + Math.floor(random() * 3) }, () => 1 + Math.floor(random() * 4));
  const count = shape.reduce((product, size) => product * size, 1);
  return { name: 'x', datatype, shape, data: randomData(datatype, count, random) };
}

const routeOf = (tensor: ModelTensor, name = 'x') => {
  const signature = { name, datatype: tensor.datatype, shape: tensor.shape.map(() => -1) };
  return { inputs: [signature], outputs: [signature], version: 1, deployment: 'd', digest: 'f' } as unknown as Route;
};

/** Values that JSON can carry stand for those that it cannot. */
function finite(tensor: ModelTensor): ModelTensor {
  const { datatype, data } = tensor;
  if (datatype === 'FP32' || datatype === 'FP64') {
    return { ...tensor, data: (data as Float64Array).map((value) => (Number.isFinite(value) ? value : -0.5)) };
  }
  if (datatype !== 'FP16') return tensor;
  return { ...tensor, data: (data as Uint16Array).map((bits) => (Number.isFinite(halfToNumber(bits)) ? bits : 1)) };
}

const asQuestion = (tensor: ModelTensor, head: object) =>
  `{"inputs":[${JSON.stringify({ name: 'x', datatype: tensor.datatype, shape: tensor.shape, ...head })}]}`;

describe.each(datatypes)('%s', (datatype) => {
  const random = generator(datatypes.indexOf(datatype) + 1);
  const tensors = Array.from({ length: ROUNDS }, () => randomTensor(datatype, random));

  it('comes back bit by bit from raw tensors, wherever they begin', () => {
    for (const tensor of tensors) {
      const raw = toRaw(tensor);
      const json = Buffer.from(asQuestion(tensor, { parameters: { binary_data_size: raw.length } }));
      const body = Buffer.concat([json, raw]);
      const { inputs } = readRestQuestion({ body, headerLength: json.length, route: routeOf(tensor) });
      expect(toRaw(inputs[0] as ModelTensor).equals(raw)).toBe(true);
      expect(inputs[0]?.shape).toEqual(tensor.shape);
    }
  });

  it('comes back bit by bit from JSON', () => {
    for (const tensor of tensors.map(finite)) {
      const values = valuesJson(tensor);
      const body = Buffer.from(asQuestion(tensor, { data: 'HERE' }).replace('"HERE"', () => values));
      const { inputs } = readRestQuestion({ body, route: routeOf(tensor) });
      // JSON has one zero only.
      expect(valuesJson(inputs[0] as ModelTensor)).toBe(values);
      const withoutSign = (one: ModelTensor) => toRaw(positiveZero(one));
      expect(withoutSign(inputs[0] as ModelTensor).equals(withoutSign(tensor))).toBe(true);
    }
  });

  it('is the same in an answer with raw tensors and in one without', () => {
    for (const tensor of tensors) {
      const answer = { prediction: 'p', route: routeOf(tensor), outputs: [tensor] };
      const { body, headerLength = 0 } = writeRestAnswer('e', answer, { isBinary: true, outputs: [] });
      expect(headerLength % 8).toBe(0);
      const head = JSON.parse(body.subarray(0, headerLength).toString()) as { outputs: [{ parameters: object }] };
      expect(head.outputs[0].parameters).toEqual({ binary_data_size: body.length - headerLength });
      expect(body.subarray(headerLength).equals(toRaw(tensor))).toBe(true);
      const plain = writeInferResponse('e', answer, [{ tensor, isBinary: false }]);
      expect(plain.headerLength).toBeUndefined();
      expect(plain.body.toString()).toContain(`"data":${valuesJson(tensor)}`);
      expect(() => JSON.parse(plain.body.toString()) as unknown).not.toThrow();
    }
  });
});

function positiveZero(tensor: ModelTensor): ModelTensor {
  const { datatype, data } = tensor;
  if (datatype === 'FP16')
    return { ...tensor, data: (data as Uint16Array).map((bits) => (bits === 0x8000 ? 0 : bits)) };
  if (!datatype.startsWith('FP')) return tensor;
  return { ...tensor, data: (data as Float64Array).map((value) => value + 0) };
}
