import type { TensorSignature } from '@baton/contracts';
import { describe, expect, it } from 'vitest';
import { inputsFromRows, rowsFromOutputs, type NamedRows, type Row } from './rows.js';

const inputs: TensorSignature[] = [
  { name: 'wide', datatype: 'FP32', shape: [-1, 2] },
  { name: 'who', datatype: 'BYTES', shape: [-1, 1] },
  { name: 'count', datatype: 'INT64', shape: [-1] },
  { name: 'is', datatype: 'BOOL', shape: [-1, 1] },
];
const route = { inputs, features: ['a', 'b', 'who', 'count', 'is'] };
const json: NamedRows = {
  rows: [
    { a: 1, b: 2, who: 'ann', count: 3, is: true },
    { is: false, count: 4, who: '', b: 5, a: 6 },
  ],
  areText: false,
};
const csv: NamedRows = {
  rows: [
    { a: '1', b: '2.0', who: 'ann', count: '3', is: 'True' },
    { a: '6', b: '5', who: '', count: '4', is: '0' },
  ],
  areText: true,
};
const row: Row = { ...json.rows[0] };
const cells: Row = { ...csv.rows[0] };

/** Deeper than what writes JSON can go. */
function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = { a: value };
  return value;
}

describe('inputsFromRows', () => {
  it.each([
    ['a value however deep', nested(100_000)],
    ['an integer beyond 2^53', 12345678901234567890n],
  ])('names the feature of %s that does not fit', (_what, who) => {
    const rows = { rows: [{ ...row, who }], areText: false };
    expect(() => inputsFromRows(rows, route)).toThrow(/^rows\[0\]\.who: .* is no BYTES value/);
  });

  it.each([
    ['JSON', json],
    ['a table', csv],
  ])('makes tensors of rows by feature name from %s', (_from, rows) => {
    expect(inputsFromRows(rows, route)).toEqual([
      { name: 'wide', datatype: 'FP32', shape: [2, 2], data: Float32Array.of(1, 2, 6, 5) },
      { name: 'who', datatype: 'BYTES', shape: [2, 1], data: ['ann', ''] },
      { name: 'count', datatype: 'INT64', shape: [2], data: BigInt64Array.of(3n, 4n) },
      { name: 'is', datatype: 'BOOL', shape: [2, 1], data: Uint8Array.of(1, 0) },
    ]);
  });

  it.each<[string, NamedRows, RegExp]>([
    ['no rows', { rows: [], areText: false }, /^rows: there are none/],
    ['a missing feature', { rows: [{ ...row, b: undefined }], areText: false }, /^rows\[0\].b: is missing/],
    ['null', { rows: [{ ...row, b: null }], areText: false }, /^rows\[0\].b: is missing/],
    ['an empty cell', { rows: [{ ...cells, a: '' }], areText: true }, /^rows\[0\].a: is missing/],
    ['an unknown feature', { rows: [row, { ...row, c: 1 }], areText: false }, /^rows\[1\].c: is no feature.*a, b, who/],
    ['text for a number', { rows: [{ ...row, a: '1' }], areText: false }, /^rows\[0\].a: "1" is no FP32/],
    ['a word in a number column', { rows: [{ ...cells, a: 'x' }], areText: true }, /^rows\[0\].a: "x" is no FP32/],
    ['a fraction in a whole column', { rows: [{ ...cells, count: '1.5' }], areText: true }, /^rows\[0\].count: "1.5"/],
    ['a word for a truth value', { rows: [{ ...cells, is: 'maybe' }], areText: true }, /^rows\[0\].is: "maybe"/],
  ])('refuses %s', (_what, rows, message) => {
    expect(() => inputsFromRows(rows, route)).toThrow(message);
  });

  it('refuses a model whose values have no names', () => {
    const open = { inputs: [{ name: 'x', datatype: 'FP32' as const, shape: [-1, -1] }], features: [] };
    expect(() => inputsFromRows({ rows: [{}], areText: false }, open)).toThrow(/no named features/);
  });
});

describe('rowsFromOutputs', () => {
  it('gives a value or a list by output', () => {
    const outputs = [
      { name: 'label', datatype: 'BYTES' as const, shape: [2], data: ['x', 'y'] },
      { name: 'scores', datatype: 'FP32' as const, shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
      { name: 'big', datatype: 'INT64' as const, shape: [2, 1], data: BigInt64Array.of(1n, 2n ** 60n) },
    ];
    expect(rowsFromOutputs(outputs, 2)).toEqual([
      { label: 'x', scores: [1, 2], big: 1 },
      { label: 'y', scores: [3, 4], big: '1152921504606846976' },
    ]);
  });
});
