import { describe, expect, it } from 'vitest';
import { featureNames, type TensorSignature } from './index.js';

const tensor = (name: string, ...shape: number[]): TensorSignature => ({ name, datatype: 'FP32', shape });

describe('featureNames', () => {
  it.each([
    ['one value per row is named as its input', [tensor('age', -1, 1), tensor('car', -1)], [], ['age', 'car']],
    ['a wide input takes the reference columns', [tensor('x', -1, 2)], ['a', 'b', 'label', 'split'], ['a', 'b']],
    ['columns that do not fit are not taken', [tensor('x', -1, 2)], ['a', 'b', 'c'], ['x.0', 'x.1']],
    [
      'two wide inputs are numbered',
      [tensor('x', -1, 2), tensor('y', -1, 2)],
      ['a', 'b'],
      ['x.0', 'x.1', 'y.0', 'y.1'],
    ],
    ['an open dimension has no features', [tensor('x', -1, -1)], ['a'], []],
  ])('%s', (_sentence, inputs, columns, names) => {
    expect(featureNames(inputs, columns)).toEqual(names);
  });
});
