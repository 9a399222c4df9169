import type { TensorSignature } from '@baton/contracts';
import { describe, expect, it } from 'vitest';
import { toRaw } from './raw-tensors.js';
import { decodeInputs, refuseUnequalRows, type GivenTensor } from './tensor-decoding.js';

const signature: TensorSignature[] = [
  { name: 'x', datatype: 'FP32', shape: [-1, 2] },
  { name: 'who', datatype: 'BYTES', shape: [-1] },
];
const x: GivenTensor = { name: 'x', datatype: 'FP32', shape: [2, 2], data: [1, 2, 3, 4] };
const who: GivenTensor = { name: 'who', datatype: 'BYTES', shape: [2], data: ['a', 'ü'] };
const decode = (...given: GivenTensor[]) => decodeInputs(given, signature);
const decoded = [
  { name: 'x', datatype: 'FP32', shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
  { name: 'who', datatype: 'BYTES', shape: [2], data: ['a', 'ü'] },
];

describe('decodeInputs', () => {
  it.each<[string, GivenTensor[]]>([
    ['in any order', [who, x]],
    [
      'nested as the shape says',
      [
        {
          ...x,
          data: [
            [1, 2],
            [3, 4],
          ],
        },
        who,
      ],
    ],
    [
      'as raw contents',
      [
        { ...x, data: toRaw(decoded[0] as never) },
        { ...who, data: toRaw(decoded[1] as never) },
      ],
    ],
  ])('takes the inputs %s, and gives them in the order of the model', (_how, given) => {
    expect(decode(...given)).toEqual(decoded);
  });

  it('takes raw contents that begin at any byte', () => {
    const raw = Buffer.concat([Buffer.alloc(3), toRaw(decoded[0] as never)]).subarray(3);
    expect(decode({ ...x, data: raw }, who)).toEqual(decoded);
  });

  it('takes raw contents that begin at a multiple of the size without a copy', () => {
    const raw = Buffer.from(Float32Array.of(1, 2, 3, 4).buffer);
    const [tensor] = decode({ ...x, data: raw }, who);
    expect((tensor?.data as Float32Array).buffer).toBe(raw.buffer);
  });

  it('lets through what is no number, in raw contents', () => {
    const data = Buffer.from(Float32Array.of(1, NaN, Infinity, -Infinity).buffer);
    expect(decode({ ...x, data }, who)[0]?.data).toEqual(Float32Array.of(1, NaN, Infinity, -Infinity));
  });

  it('copies raw contents to where there is room for them', () => {
    const lane = new Float32Array(8);
    const room = { take: (input: number, rows: number) => (input === 0 ? lane.subarray(4, 4 + rows * 2) : undefined) };
    const raw = toRaw(decoded[0] as never);
    const [tensor] = decodeInputs([{ ...x, data: raw }, who], signature, room);
    expect((tensor?.data as Float32Array).buffer).toBe(lane.buffer);
    expect(lane).toEqual(Float32Array.of(0, 0, 0, 0, 1, 2, 3, 4));
  });

  it.each<[string, Partial<GivenTensor>, RegExp]>([
    ['an unknown name', { name: 'y' }, /"y".*x, who/],
    ['another datatype', { datatype: 'INT8' }, /^x: .*FP32.*INT8/],
    ['a shape that is no list', { shape: '2,2' }, /^x: its shape/],
    ['no rows', { shape: [0, 2], data: [] }, /^x: its shape/],
    ['another width', { shape: [2, 3] }, /^x: its shape is \[any, 2\], not \[2, 3\]/],
    ['far too many values', { shape: [2 ** 40, 2] }, /^x: its shape has more/],
    ['no list', { data: '1234' }, /^x: its data must be a list/],
    ['a value too few', { data: [1, 2, 3] }, /^x: .*needs 4 values, and there are 3/],
    ['lists of other lengths', { data: [[1, 2, 3], [4]] }, /^x: its data is nested/],
    [
      'lists that are too deep',
      {
        data: [
          [[1], [2]],
          [[3], [4]],
        ],
      },
      /^x\[0\]: \[1\] is no FP32/,
    ],
    ['lists among values', { data: [1, [2], 3, 4] }, /^x\[1\]: \[2\]/],
    ['a text', { data: [1, 2, 'x', 4] }, /^x\[2\]: "x" is no FP32 number/],
    ['a number that is too large', { data: [1, 2, 3, 1e39] }, /^x\[3\]: 1e\+39/],
    ['raw contents of another size', { data: Buffer.alloc(15) }, /^x: its shape needs 16 bytes/],
    ['data that is text and much of it', { datatype: 'y'.repeat(1e6) }, /^x: its datatype is FP32, not "y{60}"$/],
    ['a datatype that is a large number', { datatype: 2n ** 60n }, /^x: its datatype is FP32, not 115/],
  ])('refuses %s', (_what, change, message) => {
    expect(() => decode({ ...x, ...change }, who)).toThrow(message);
  });

  it.each<[string, Buffer, RegExp]>([
    ['a length that leads outside', Buffer.from([9, 0, 0, 0, 65]), /^who: its raw contents/],
    ['too few texts', Buffer.from([1, 0, 0, 0, 65]), /^who: its raw contents/],
    ['bytes left over', Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 1]), /^who: its raw contents/],
    ['bytes that are no text', Buffer.from([1, 0, 0, 0, 0xff, 0, 0, 0, 0]), /^who\[0\]: it is not UTF-8/],
  ])('refuses raw texts with %s', (_what, data, message) => {
    expect(() => decode(x, { ...who, data })).toThrow(message);
  });

  it('refuses an input that is missing, comes twice, or is not known', () => {
    expect(() => decode(x)).toThrow(/"who" is missing/);
    expect(() => decode(x, who, x)).toThrow(/"x" comes twice/);
    expect(() => decode(x, who, { ...x, name: 'z' })).toThrow(/"z" is no input/);
  });
});

describe('refuseUnequalRows', () => {
  it('names the input that has others', () => {
    const [first, second] = decode(x, who);
    expect(() => refuseUnequalRows(decode(x, who))).not.toThrow();
    expect(() => refuseUnequalRows([first as never, { ...(second as never as object), shape: [3] } as never])).toThrow(
      /^who: it has 3 rows, and x has 2/,
    );
  });
});
