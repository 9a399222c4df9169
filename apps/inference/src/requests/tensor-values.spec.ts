import { datatypes, type Datatype } from '@baton/contracts';
import { describe, expect, it } from 'vitest';
import { toData, toValue, ValueError } from './tensor-values.js';

describe('toValue', () => {
  it.each<[Datatype, unknown, unknown]>([
    ['BOOL', true, 1],
    ['BOOL', false, 0],
    ['UINT8', 255, 255],
    ['INT8', -128, -128],
    ['INT32', 2 ** 31 - 1, 2 ** 31 - 1],
    ['INT64', 7, 7n],
    ['INT64', -(2n ** 63n), -(2n ** 63n)],
    ['UINT64', 2n ** 64n - 1n, 2n ** 64n - 1n],
    ['FP32', 3.4e38, 3.4e38],
    ['FP64', 1e308, 1e308],
    ['FP16', 1, 0x3c00],
    ['FP16', -65_504, 0xfbff],
    ['BYTES', '', ''],
    ['BYTES', 'π', 'π'],
  ])('takes for %s %s', (datatype, value, expected) => {
    expect(toValue(datatype, value)).toBe(expected);
  });

  it.each<[Datatype, unknown]>([
    ['BOOL', 1],
    ['BOOL', 'true'],
    ['UINT8', 256],
    ['UINT8', -1],
    ['INT8', 1.5],
    ['INT16', '7'],
    ['INT32', 2 ** 31],
    ['INT64', 2 ** 53],
    ['INT64', 2n ** 63n],
    ['UINT64', -1],
    ['FP32', 3.5e38],
    ['FP32', true],
    ['FP64', Infinity],
    ['BYTES', 7],
    ['FP16', 65_520],
    ['FP16', '1'],
  ])('takes for %s no %s', (datatype, value) => {
    expect(toValue(datatype, value)).toBeUndefined();
  });

  it.each(datatypes)('takes for %s nothing that is missing', (datatype) => {
    for (const value of [undefined, null, NaN, {}, []]) expect(toValue(datatype, value)).toBeUndefined();
  });
});

describe('toData', () => {
  it('makes the array of the datatype', () => {
    expect(toData('FP32', [1, 2.5])).toEqual(Float32Array.of(1, 2.5));
    expect(toData('FP64', [1, 2n ** 60n])).toEqual(Float64Array.of(1, 2 ** 60));
    expect(toData('INT64', [1, 2n])).toEqual(BigInt64Array.of(1n, 2n));
    expect(toData('FP16', [1, -2])).toEqual(Uint16Array.of(0x3c00, 0xc000));
    expect(toData('BOOL', [true, false])).toEqual(Uint8Array.of(1, 0));
    expect(toData('BYTES', ['a'])).toEqual(['a']);
  });

  it.each<[Datatype, unknown[], number]>([
    ['FP32', [1, 'x'], 1],
    ['FP32', [1e39], 0],
    ['FP64', [1, 2, null], 2],
    ['INT8', [1, 300], 1],
    ['BYTES', ['a', 5], 1],
  ])('says which value is not %s', (datatype, values, index) => {
    expect(() => toData(datatype, values)).toThrow(
      expect.objectContaining({ name: 'ValueError', index }) as ValueError,
    );
  });
});
