import { describe, expect, it } from 'vitest';
import { halfToNumber, numberToHalf } from './half.js';

describe('halves', () => {
  it.each<[number, number]>([
    [0x0000, 0],
    [0x8000, -0],
    [0x0001, 2 ** -24],
    [0x03ff, 1023 * 2 ** -24],
    [0x0400, 2 ** -14],
    [0x3555, 0.333251953125],
    [0x3c00, 1],
    [0xc000, -2],
    [0x7bff, 65_504],
    [0x7c00, Infinity],
    [0xfc00, -Infinity],
    [0x7e00, NaN],
  ])('%i stands for %d, and the other way round', (bits, number) => {
    expect(halfToNumber(bits)).toBe(number);
    expect(numberToHalf(number)).toBe(bits);
  });

  it('come back as they were, every one of them', () => {
    for (let bits = 0; bits < 65_536; bits += 1) {
      const number = halfToNumber(bits);
      if (!Number.isNaN(number) && numberToHalf(number) !== bits) expect.fail(`${bits} comes back as another one`);
    }
  });

  it('are the nearest to what lies between two, and even in the middle', () => {
    for (let bits = 0; bits < 0x7bff; bits += 1) {
      const [low, high] = [halfToNumber(bits), halfToNumber(bits + 1)];
      const middle = (low + high) / 2;
      const less = low + (high - low) * 0.499_999;
      const more = low + (high - low) * 0.500_001;
      const even = bits % 2 === 0 ? bits : bits + 1;
      if (numberToHalf(less) !== bits || numberToHalf(more) !== bits + 1 || numberToHalf(middle) !== even) {
        expect.fail(`between ${low} and ${high}`);
      }
    }
  });

  it.each([65_519.999, 65_520, 1e300, -65_520])('round %d as the standard wants it', (number) => {
    const expected = Math.abs(number) < 65_520 ? 65_504 : Math.sign(number) * Infinity;
    expect(halfToNumber(numberToHalf(number))).toBe(expected);
  });
});
