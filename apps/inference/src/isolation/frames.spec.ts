import { datatypes, type Datatype } from '@baton/contracts';
import { describe, expect, it } from 'vitest';
import { makeData, type ModelTensor } from '../runtime/tensors.js';
import { FrameReader } from './frame-reader.js';
import { FrameError, frameKinds, frameOf, HEADER_BYTES, type Frame } from './frames.js';
import { decodeLoad, encodeLoad } from './load-frame.js';
import { decodeTensors, encodeTensors } from './tensor-frames.js';

const MAX = 1_000_000;

/** Numbers below `limit` that are the same each time (Lehmer's generator). */
function numbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => (state = (state * 48_271) % 2_147_483_647) % limit;
}

const whole = (pieces: readonly Uint8Array[]) => Buffer.concat(pieces);

function readIn(pieces: readonly Uint8Array[], chunkBytes: number, maxBytes = MAX): Frame[] {
  const [reader, bytes, frames] = [new FrameReader(maxBytes), whole(pieces), [] as Frame[]];
  for (let at = 0; at < bytes.length; at += chunkBytes)
    frames.push(...reader.push(bytes.subarray(at, at + chunkBytes)));
  return frames;
}

/** A tensor of any bits, or any texts. */
function anyTensor(datatype: Datatype, next: (limit: number) => number): ModelTensor {
  const shape = Array.from({ length: next(4) }, () => next(4));
  const data = makeData(
    datatype,
    shape.reduce((product, size) => product * size, 1),
  );
  if (Array.isArray(data))
    data.forEach((_, index) => (data[index] = ['', 'a', 'ä→🦊', 'x'.repeat(300)][next(4)] ?? ''));
  else new Uint8Array(data.buffer).forEach((_, index, bytes) => (bytes[index] = next(256)));
  return { name: `t${next(100)}`, datatype, shape, data };
}

const bitsOf = ({ data }: ModelTensor) =>
  Array.isArray(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex');
const comparable = (tensors: readonly ModelTensor[]) => tensors.map((one) => ({ ...one, data: bitsOf(one) }));

describe('frames', () => {
  it('come whole out of chunks of any size, one after the other', () => {
    const large = Buffer.alloc(40_000, 'large');
    const pieces = [
      ...frameOf(frameKinds.run, 1, [Buffer.from('one'), Buffer.from('two')], MAX),
      ...frameOf(frameKinds.answer, 2 ** 32 - 1, [], MAX),
      ...frameOf(frameKinds.failed, 3, [large], MAX),
    ];
    for (const chunkBytes of [1, 7, HEADER_BYTES, 1000, 1_000_000]) {
      const frames = readIn(pieces, chunkBytes).map(({ body, ...frame }) => ({ ...frame, body: body.toString() }));
      expect(frames).toEqual([
        { kind: frameKinds.run, id: 1, body: Buffer.from('onetwo').toString() },
        { kind: frameKinds.answer, id: 2 ** 32 - 1, body: '' },
        { kind: frameKinds.failed, id: 3, body: large.toString() },
      ]);
    }
  });

  it('do not copy what is large', () => {
    const large = Buffer.alloc(40_000);
    expect(frameOf(frameKinds.run, 1, [large], MAX)[1]).toBe(large);
  });

  it('are refused where they are too large, on either side', () => {
    expect(() => frameOf(frameKinds.run, 1, [Buffer.alloc(11)], 10)).toThrow(FrameError);
    expect(() => readIn(frameOf(frameKinds.run, 1, [Buffer.alloc(11)], 11), 100, 10)).toThrow(/11 bytes, where 10/);
  });

  it.each<[string, (bytes: Buffer) => void]>([
    ['another beginning', (bytes) => bytes.writeUInt32LE(1, 0)],
    ['no kind', (bytes) => bytes.writeUInt32LE(99, 12)],
  ])('are refused with %s', (_what, spoil) => {
    const bytes = whole(frameOf(frameKinds.run, 1, [], MAX));
    spoil(bytes);
    expect(() => readIn([bytes], 100)).toThrow('no frame');
  });

  it('carry a model with its signature', () => {
    const signature = { inputs: [{ name: 'ä', datatype: 'FP32' as const, shape: [-1, 2] }], outputs: [] };
    const body = whole(encodeLoad({ signature, model: Buffer.from('model') }));
    const load = decodeLoad(body);
    expect(load.signature).toEqual(signature);
    expect(Buffer.from(load.model).toString()).toBe('model');
  });
});

describe('tensors in frames', () => {
  it('are the same behind them, whatever their bits', () => {
    const next = numbers(3);
    for (let round = 0; round < 300; round += 1) {
      const tensors = Array.from({ length: next(5) }, () =>
        anyTensor(datatypes[next(datatypes.length)] ?? 'FP32', next),
      );
      const pieces = frameOf(frameKinds.run, round, encodeTensors(tensors), MAX);
      const [frame] = readIn(pieces, 1 + next(500));
      const names = tensors.map(({ name }) => name);
      expect(comparable(decodeTensors(frame?.body ?? Buffer.of(), names))).toEqual(comparable(tensors));
    }
  });

  it('are views of the frame', () => {
    const data = Float64Array.of(1, 2, 3);
    const body = whole(encodeTensors([{ datatype: 'FP64', shape: [3], data }]));
    const [tensor] = decodeTensors(body, ['x']);
    expect((tensor?.data as Float64Array).buffer).toBe(body.buffer);
  });

  const x = { datatype: 'FP32' as const, shape: [2, 2], data: new Float32Array(4) };
  const text = { datatype: 'BYTES' as const, shape: [2], data: ['a', 'bc'] };
  it.each<[string, Omit<ModelTensor, 'name'>, (bytes: Buffer) => Buffer | number]>([
    ['cut off', x, (bytes) => bytes.subarray(0, -1)],
    ['with something behind', x, (bytes) => Buffer.concat([bytes, Buffer.alloc(8)])],
    ['of no datatype', x, (bytes) => bytes.writeUInt8(77, 0)],
    ['of more sizes than there are', x, (bytes) => bytes.writeUInt8(200, 1)],
    ['of more bytes than there are', x, (bytes) => bytes.writeUInt32LE(4_000_000_000, 4)],
    ['of a negative size', x, (bytes) => bytes.writeDoubleLE(-2, 8)],
    ['of a size that is no number', x, (bytes) => bytes.writeDoubleLE(NaN, 8)],
    ['of a size that values do not fill', x, (bytes) => bytes.writeDoubleLE(2 ** 40, 8)],
    ['of more texts than there are', text, (bytes) => bytes.writeDoubleLE(3, 8)],
    ['of countless texts', text, (bytes) => bytes.writeDoubleLE(2 ** 40, 8)],
    ['of fewer texts than there are', text, (bytes) => bytes.writeDoubleLE(1, 8)],
    ['of a text that is too long', text, (bytes) => bytes.writeUInt32LE(100, 16)],
  ])('are refused when %s', (_what, tensor, spoil) => {
    const bytes = whole(encodeTensors([tensor]));
    const spoilt = spoil(bytes);
    expect(() => decodeTensors(typeof spoilt === 'number' ? bytes : spoilt, ['x'])).toThrow(FrameError);
  });

  it('spoilt in any byte either are refused or are tensors', () => {
    const next = numbers(11);
    const bytes = whole(encodeTensors([x, text]));
    for (let round = 0; round < 3000; round += 1) {
      const spoilt = Buffer.from(bytes);
      for (let many = 1 + next(3); many > 0; many -= 1) spoilt[next(spoilt.length)] = next(256);
      try {
        expect(decodeTensors(spoilt, ['x', 'y'])).toHaveLength(2);
      } catch (error) {
        expect(error).toBeInstanceOf(FrameError);
      }
    }
  });
});
