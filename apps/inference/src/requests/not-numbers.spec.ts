import { describe, expect, it } from 'vitest';
import { withoutNotNumbers } from './not-numbers.js';

const gap = '{"not a number":null}';

describe('withoutNotNumbers', () => {
  it.each([
    ['[NaN]', `[${gap}]`],
    ['[1,-Infinity,2,Infinity]', `[1,${gap},2,${gap}]`],
    ['["NaN",NaN,"x\\"NaN\\\\",NaN]', `["NaN",${gap},"x\\"NaN\\\\",${gap}]`],
    ['["never ends, NaN', '["never ends, NaN'],
    ['["ends with its escape\\', '["ends with its escape\\'],
    ['[NaNs]', '[NaNs]'],
    ['', ''],
  ])('of %s', (text, expected) => {
    expect(withoutNotNumbers(text)).toBe(expected);
  });

  it.each([
    ['a text of megabytes', `["${'x'.repeat(16_000_000)}",`],
    ['a text of megabytes that never ends', `["${'x'.repeat(16_000_000)}`],
    ['a text of escapes that never ends', `["${'\\"'.repeat(1_000_000)}`],
  ])('gets through %s', { timeout: 5000 }, (_what, text) => {
    expect(withoutNotNumbers(text)).toBe(text);
  });
});
