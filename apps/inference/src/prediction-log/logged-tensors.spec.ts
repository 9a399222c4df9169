import type { EndpointPolicy, TensorSignature } from '@baton/contracts';
import { describe, expect, it } from 'vitest';
import type { ModelTensor } from '../runtime/tensors.js';
import { loggedTensors } from './logged-tensors.js';

const signature: TensorSignature[] = [
  { name: 'x', datatype: 'FP32', shape: [-1, 2] },
  { name: 'open', datatype: 'FP32', shape: [-1, -1] },
  { name: 'who', datatype: 'BYTES', shape: [-1, 1] },
];
const tensors: ModelTensor[] = [
  { name: 'x', datatype: 'FP32', shape: [2, 2], data: Float32Array.of(1, 2, 3, NaN) },
  { name: 'open', datatype: 'FP32', shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
  { name: 'who', datatype: 'BYTES', shape: [2, 1], data: ['ann', 'bob'] },
];
const names = ['a', 'b', 'who'];
const hashKey = Buffer.from('k'.repeat(32));
const logged = (policy: Pick<EndpointPolicy, 'logging' | 'features'>, key = hashKey) =>
  loggedTensors(tensors, signature, { policy, hashKey: key }, names).map(({ data }) => data);
const hash = expect.stringMatching(/^[0-9a-f]{32}$/) as string;

describe('loggedTensors', () => {
  it.each<[string, Pick<EndpointPolicy, 'logging' | 'features'>, unknown[]]>([
    [
      'all in full',
      { logging: 'full', features: {} },
      [
        [1, 2, 3, null],
        [1, 2, 3, 4, 5, 6],
        ['ann', 'bob'],
      ],
    ],
    ['nothing', { logging: 'none', features: {} }, [undefined, undefined, undefined]],
    [
      'a column held back',
      { logging: 'full', features: { a: 'none' } },
      [
        [null, 2, null, null],
        [1, 2, 3, 4, 5, 6],
        ['ann', 'bob'],
      ],
    ],
    ['a column alone', { logging: 'none', features: { a: 'full' } }, [[1, null, 3, null], undefined, undefined]],
    [
      'hashes',
      { logging: 'full', features: { who: 'hash', a: 'hash' } },
      [
        [hash, 2, hash, null],
        [1, 2, 3, 4, 5, 6],
        [hash, hash],
      ],
    ],
    [
      'a tensor without named values, by its own name',
      { logging: 'full', features: { open: 'none' } },
      [[1, 2, 3, null], undefined, ['ann', 'bob']],
    ],
  ])('records %s', (_what, policy, expected) => {
    expect(logged(policy)).toEqual(expected);
  });

  it('hashes by key, feature and value', () => {
    const policy = { logging: 'hash', features: {} } as const;
    const [first, , who] = logged(policy);
    expect(logged(policy)[2]).toEqual(who);
    expect(who?.[0]).not.toBe(who?.[1]);
    expect(logged(policy, Buffer.from('j'.repeat(32)))[2]).not.toEqual(who);
    const twins = [{ ...(tensors[0] as ModelTensor), data: Float32Array.of(7, 7, 7, 7) }];
    const [same] = loggedTensors(twins, signature, { policy, hashKey }, names);
    expect(same?.data?.[0]).toBe(same?.data?.[2]);
    expect(same?.data?.[0]).not.toBe(same?.data?.[1]);
    expect(first).toHaveLength(4);
  });
});
