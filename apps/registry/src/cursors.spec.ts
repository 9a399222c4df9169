import { NAME_PATTERN } from '@baton/contracts';
import { encodeCursor } from '@baton/service';
import { describe, expect, it } from 'vitest';
import { numberCursor, textCursor } from './cursors.js';

describe('a cursor', () => {
  it('comes back as what it was made of', () => {
    expect(numberCursor(encodeCursor(7))).toBe(7);
    expect(textCursor(encodeCursor('iris'), NAME_PATTERN)).toBe('iris');
    expect([numberCursor(undefined), textCursor(undefined, NAME_PATTERN)]).toEqual([undefined, undefined]);
  });

  it.each([
    ['a text where a number belongs', () => numberCursor(encodeCursor('7'))],
    ['half a number', () => numberCursor(encodeCursor(0.5))],
    ['a number that no column holds', () => numberCursor(encodeCursor(1e30))],
    ['a number where a text belongs', () => textCursor(encodeCursor(7), NAME_PATTERN)],
    ['a text that is no name', () => textCursor(encodeCursor('a\0b'), NAME_PATTERN)],
    ['rubbish', () => numberCursor('!')],
  ])('is refused when it is %s', (_, read) => {
    expect(read).toThrow(
      expect.objectContaining({ status: 400, errors: [expect.objectContaining({ field: 'cursor' })] }),
    );
  });
});
