import { describe, expect, it } from 'vitest';
import { toSignature } from './datatypes.js';

describe('the signature of a tensor', () => {
  it.each([
    ['float32', 'FP32'],
    ['float64', 'FP64'],
    ['float16', 'FP16'],
    ['int64', 'INT64'],
    ['uint8', 'UINT8'],
    ['bool', 'BOOL'],
    ['string', 'BYTES'],
  ])('%s is %s to the inference protocol', (type, datatype) => {
    expect(toSignature({ name: 'x', type, shape: [-1, 2] })).toEqual({ name: 'x', datatype, shape: [-1, 2] });
  });

  it.each([
    ['a sequence or a map that ZipMap did not make', { type: 'not a tensor' }, /only what ZipMap makes/],
    ['a datatype that no protocol carries', { type: 'bfloat16' }, /bfloat16/],
    ['a name that is empty', { name: '' }, /name/],
    ['a name that Postgres cannot store', { name: 'a\0b' }, /name/],
    ['a name that is too long', { name: 'x'.repeat(257) }, /name/],
  ])('refuses %s', (_, change, reason) => {
    expect(toSignature({ name: 'x', type: 'float32', shape: [], ...change })).toMatch(reason);
  });
});
