import type { EndpointPolicy, TensorRecord, TensorSignature } from '@baton/contracts';
import { describe, expect, it } from 'vitest';
import type { ModelTensor } from '../runtime/tensors.js';
import { ByteReader } from './byte-reader.js';
import { GroupBuffer } from './group-buffer.js';
import { ruleOf, tensorRules } from './recorded-route.js';
import { decodeTensor, encodeTensor } from './tensor-encoding.js';
import { ValueHashes } from './value-hashes.js';

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
type Policy = Pick<EndpointPolicy, 'logging' | 'features'>;

/** What comes back of tensors that were written by the policy. */
function written(policy: Policy, some = tensors, key = hashKey): TensorRecord[] {
  const buffer = new GroupBuffer();
  const rules = tensorRules(signature, policy, names);
  some.forEach((tensor, index) => {
    encodeTensor(buffer, tensor, ruleOf(rules, index, tensor.name, policy), {
      hashes: new ValueHashes(key),
      withValues: true,
    });
  });
  const reader = new ByteReader(Buffer.from(buffer.written));
  return some.map(() => decodeTensor(reader, signature));
}
const logged = (policy: Policy, key = hashKey) => written(policy, tensors, key).map(({ data }) => data);
const hash = expect.stringMatching(/^[0-9a-f]{32}$/) as string;

describe('tensors in the log', () => {
  it.each<[string, Policy, unknown[]]>([
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

  it('takes a tensor by its name wherever it comes, and one that the model does not have by the default', () => {
    const stranger: ModelTensor = { name: 'other', datatype: 'INT64', shape: [1], data: BigInt64Array.of(2n ** 60n) };
    const mixed = [tensors[2], stranger, tensors[0]].filter((one) => one !== undefined);
    const back = written({ logging: 'full', features: { b: 'none' } }, mixed);
    expect(back.map(({ name, shape }) => [name, shape])).toEqual(mixed.map(({ name, shape }) => [name, shape]));
    expect(back.map(({ data }) => data)).toEqual([['ann', 'bob'], ['1152921504606846976'], [1, null, 3, null]]);
  });

  it('hashes by key, feature and value', () => {
    const policy = { logging: 'hash', features: {} } as const;
    const [first, , who] = logged(policy);
    expect(logged(policy)[2]).toEqual(who);
    expect(who?.[0]).not.toBe(who?.[1]);
    expect(logged(policy, Buffer.from('j'.repeat(32)))[2]).not.toEqual(who);
    const twins = [{ ...(tensors[0] as ModelTensor), data: Float32Array.of(7, 7, 7, 7) }];
    const [same] = written(policy, twins);
    expect(same?.data?.[0]).toBe(same?.data?.[2]);
    expect(same?.data?.[0]).not.toBe(same?.data?.[1]);
    expect(first).toHaveLength(4);
  });
});
