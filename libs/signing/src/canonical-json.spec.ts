import { describe, expect, it } from 'vitest';
import { canonicalJson } from './canonical-json.js';

describe('canonicalJson', () => {
  it('writes the example of RFC 8785, section 3.2.2', () => {
    const value = {
      numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\u0022/",
      literals: [null, true, false],
    };
    expect(canonicalJson(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it.each([
    ['does not depend on the order of fields', { b: 1, a: { d: 2, c: 3 } }, '{"a":{"c":3,"d":2},"b":1}'],
    ['orders fields by UTF-16 units, as the RFC has it', { '\uFF5E': 1, '😀': 2 }, '{"😀":2,"\uFF5E":1}'],
    ['leaves out undefined fields', { a: undefined, b: 1 }, '{"b":1}'],
    ['writes minus zero as zero', [-0], '[0]'],
  ])('%s', (_, value, text) => expect(canonicalJson(value)).toBe(text));

  it.each([
    ['NaN', { a: Number.NaN }],
    ['infinity', [Infinity]],
    ['a lone surrogate', { a: '\uD800' }],
    ['nothing', undefined],
  ])('refuses %s', (_, value) => {
    expect(() => canonicalJson(value)).toThrow(expect.objectContaining({ reason: 'malformed' }));
  });
});
