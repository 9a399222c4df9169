import { describe, expect, it } from 'vitest';
import { valuesJson } from './infer-response.js';
import { parseJsonBody } from './json-body.js';
import { fromRaw } from './raw-tensors.js';
import { MAX_CSV_BYTES, MAX_TEXTS, MAX_VALUES } from './reading-limits.js';
import { readRows } from './rows-request.js';

const json = (text: string) => parseJsonBody(Buffer.from(text));
const many = (item: string, count = MAX_VALUES + 1) => `[${new Array(count).fill(item).join()}]`;

describe('what takes long to read or write', () => {
  it.each<[string, () => unknown]>([
    ['numbers in JSON', () => json(many('1'))],
    ['objects', () => json(many('{}'))],
    ['fields', () => json(`{${many('"a":1').slice(1, -1)}}`)],
    ['lists in lists', () => json('['.repeat(MAX_VALUES + 1))],
    ['integers that may be of 64 bits', () => json(many('1', 60_000).replace(']', ',12345678901234567,"INT64"]'))],
    ['an output', () => valuesJson({ datatype: 'FP32', data: new Float32Array(MAX_VALUES + 1) })],
    ['a table', () => readRows(Buffer.from(`a\n${'1\n'.repeat(MAX_CSV_BYTES)}`), 'text/csv')],
    [
      'texts',
      () => fromRaw(Buffer.alloc(4 * MAX_TEXTS + 4), [MAX_TEXTS + 1], { name: 'x', datatype: 'BYTES', shape: [-1] }),
    ],
  ])('is refused with 413: %s', (_what, read) => {
    expect(read).toThrow(expect.objectContaining({ status: 413 }) as Error);
  });

  it.each<[string, () => unknown]>([
    ['numbers in JSON', () => json(many('1', MAX_VALUES))],
    ['one long text', () => json(`["${'x'.repeat(2 * MAX_VALUES)}"]`)],
    [
      'a table of many columns',
      () => readRows(Buffer.from(Array.from({ length: 40_000 }, (_, at) => at).join()), 'text/csv'),
    ],
  ])('is read up to that: %s', (_what, read) => {
    expect(read).not.toThrow();
  });

  it('is no number of a million digits, which is none of 64 bits either', () => {
    const digits = '9'.repeat(1_000_000);
    expect(json(`["INT64",12345678901234567,${digits}]`)).toEqual(['INT64', 12345678901234567n, Infinity]);
  });
});
