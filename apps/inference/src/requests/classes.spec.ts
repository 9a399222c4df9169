import { describe, expect, it } from 'vitest';
import type { ModelTensor } from '../runtime/tensors.js';
import { topClasses } from './classes.js';

const scores: ModelTensor = {
  name: 'scores',
  datatype: 'FP32',
  shape: [2, 4],
  data: Float32Array.of(0.25, 0.5, 0.125, 0.5, NaN, -1, -Infinity, 3),
};

describe('topClasses', () => {
  it('gives the greatest of each row, of equal ones the first', () => {
    expect(topClasses(scores, { ...scores, shape: [-1, 4] }, 2)).toEqual({
      name: 'scores',
      datatype: 'BYTES',
      shape: [2, 2],
      data: ['0.500000:1', '0.500000:3', '3.000000:3', '-1.000000:1'],
    });
  });

  it('gives the greatest of all where there are no rows', () => {
    expect(topClasses(scores, scores, 1)).toMatchObject({ shape: [1], data: ['3.000000:7'] });
  });

  it('gives all when there are fewer than wanted', () => {
    expect(topClasses(scores, { ...scores, shape: [-1, 4] }, 9)).toMatchObject({ shape: [2, 4] });
    const one = { ...scores, shape: [2], data: Float32Array.of(7, 8) };
    expect(topClasses(one, { ...one, shape: [-1] }, 3)).toMatchObject({
      shape: [2, 1],
      data: ['7.000000:0', '8.000000:0'],
    });
  });

  it('sorts large integers and halves', () => {
    const wide: ModelTensor = { name: 'w', datatype: 'INT64', shape: [2], data: BigInt64Array.of(-5n, 2n ** 60n) };
    expect(topClasses(wide, wide, 2).data).toEqual([`${2n ** 60n}:1`, '-5:0']);
    const half: ModelTensor = { name: 'h', datatype: 'FP16', shape: [2], data: Uint16Array.of(0xbc00, 0x3c00) };
    expect(topClasses(half, half, 1).data).toEqual(['1.000000:1']);
  });

  it('sorts many as it does few', () => {
    const values = Float32Array.from({ length: 100 }, (_, index) => (index * 37) % 50);
    const many: ModelTensor = { name: 'm', datatype: 'FP32', shape: [100], data: values };
    const all = topClasses(many, many, 100).data as string[];
    for (const count of [1, 7, 32, 33]) expect(topClasses(many, many, count).data).toEqual(all.slice(0, count));
    expect(all.slice(0, 2)).toEqual([`49.000000:${values.indexOf(49)}`, `49.000000:${values.lastIndexOf(49)}`]);
  });
});
