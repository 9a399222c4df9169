import { expect, it } from 'vitest';
import { readTimeout } from './call-timeout.js';

it.each([
  ['1H', 3_600_000],
  ['2M', 120_000],
  ['3S', 3000],
  ['4m', 4],
  ['5u', 0.005],
  ['6000000n', 6],
  ['99999999H', 99_999_999 * 3_600_000],
  ['', undefined],
  ['S', undefined],
  ['1', undefined],
  ['-1S', undefined],
  ['1.5S', undefined],
  ['123456789S', undefined],
  ['1 S', undefined],
])('a timeout of "%s" is %s ms', (text, ms) => {
  const read = readTimeout(text);
  if (ms === undefined) expect(read).toBeUndefined();
  else expect(read).toBeCloseTo(ms, 9);
});
