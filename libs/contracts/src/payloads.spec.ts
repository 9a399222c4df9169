import { describe, expect, it } from 'vitest';
import { InvalidPayloadError, parsePayload } from './index.js';

const digest = 'a'.repeat(64);
const registered = {
  model: 'iris',
  project: 'default',
  version: 1,
  revision: 1,
  digest,
  files: [{ name: 'model.onnx', digest, size: 659 }],
  inputs: [{ name: 'input', datatype: 'FP32', shape: [-1, 4] }],
  outputs: [{ name: 'label', datatype: 'BYTES', shape: [-1] }],
  features: ['a', 'b', 'c', 'd'],
  opset: { 'ai.onnx': 19 },
  author: 'ada',
  registeredAt: '2026-01-02T03:04:05.000Z',
};

describe('parsePayload', () => {
  it('returns an instance of the payload class, nested ones too', () => {
    const payload = parsePayload('model.registered', registered);

    expect(payload.constructor.name).toBe('ModelRegistered');
    expect(payload.files[0]?.constructor.name).toBe('FileRecord');
  });

  it('keeps what a newer writer adds', () => {
    expect(parsePayload('model.registered', { ...registered, colour: 'red' })).toHaveProperty('colour', 'red');
  });

  it.each([
    ['version 0', { ...registered, version: 0 }, 'version'],
    ['a short digest', { ...registered, digest: 'ab' }, 'digest'],
    ['an upper-case model name', { ...registered, model: 'Iris' }, 'model'],
    [
      'a wrong datatype inside',
      { ...registered, inputs: [{ name: 'x', datatype: 'FP8', shape: [] }] },
      'inputs.0.datatype',
    ],
    ['no files', { ...registered, files: [] }, 'files'],
    ['a missing author', { ...registered, author: undefined }, 'author'],
    ['null', null, 'object'],
    ['an array', [], 'object'],
    ['a string', 'x', 'object'],
  ])('refuses %s and names it', (_what, value, named) => {
    expect(() => parsePayload('model.registered', value)).toThrow(InvalidPayloadError);
    expect(() => parsePayload('model.registered', value)).toThrow(named);
  });
});
