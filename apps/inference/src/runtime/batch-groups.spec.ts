import { describe, expect, it } from 'vitest';
import { batchGroups } from './batch-groups.js';
import type { ModelTensor } from './tensors.js';

const tensor = (name: string, ...shape: number[]): ModelTensor => ({ name, datatype: 'FP32', shape, data: [] });
const request = (label: string, ...inputs: ModelTensor[]) => ({ label, inputs });
const labels = (waiting: ReturnType<typeof request>[], maxRows = 8) =>
  batchGroups(waiting, maxRows).map((group) => group.map(({ label }) => label).join(''));

describe('batchGroups', () => {
  it.each<[string, ReturnType<typeof request>[], string[]]>([
    ['nothing makes no group', [], []],
    [
      'the same sizes run together',
      [request('a', tensor('x', 1, 4)), request('b', tensor('x', 3, 4)), request('c', tensor('x', 2, 4))],
      ['abc'],
    ],
    [
      'other sizes beyond the rows run by themselves',
      [request('a', tensor('x', 1, 4)), request('b', tensor('x', 1, 5)), request('c', tensor('x', 1, 4))],
      ['ac', 'b'],
    ],
    [
      'a group is not larger than allowed',
      [request('a', tensor('x', 5, 1)), request('b', tensor('x', 4, 1)), request('c', tensor('x', 4, 1))],
      ['a', 'bc'],
    ],
    [
      'a request that fills a group runs alone',
      [request('a', tensor('x', 1, 1)), request('b', tensor('x', 9, 1)), request('c', tensor('x', 1, 1))],
      ['ac', 'b'],
    ],
    [
      'inputs without common rows run alone',
      [request('a', tensor('x', 1, 1), tensor('y', 2, 1)), request('b', tensor('x', 1, 1), tensor('y', 1, 1))],
      ['a', 'b'],
    ],
    [
      'inputs without dimensions run together with nobody',
      [request('a', tensor('x')), request('b', tensor('x'))],
      ['a', 'b'],
    ],
  ])('%s', (_sentence, waiting, expected) => {
    expect(labels(waiting)).toEqual(expected);
  });
});
