import type { TensorSignature } from '@baton/contracts';
import { describe, expect, it } from 'vitest';
import { namedFeatures } from './named-features.js';

const tensor = (name: string, ...shape: number[]): TensorSignature => ({ name, datatype: 'FP32', shape });

describe('the named features of a model', () => {
  it.each([
    ['are the columns of the reference', [tensor('x', -1, 2)], ['a', 'b'], ['a', 'b']],
    ['are none for a picture', [tensor('image', -1, 3, 224, 224)], [], []],
    ['are none for an input of any size that was made up', [tensor('x', -1, 2 ** 31)], [], []],
    ['are none when the inputs together are too wide', [tensor('x', -1, 15_000), tensor('y', -1, 15_000)], [], []],
  ])('%s', (_, inputs, columns, names) => {
    expect(namedFeatures(inputs, columns)).toEqual(names);
  });

  it('are numbered up to the limit', () => {
    expect(namedFeatures([tensor('x', -1, 20_000)], [])).toHaveLength(20_000);
  });
});
