import { describe, expect, it } from 'vitest';
import { framed, UnaryMessage } from './unary-message.js';

const LIMIT = 20;
const frame = framed(Buffer.from('hello, message'));

function read(...pieces: Buffer[]): string {
  const message = new UnaryMessage(LIMIT);
  for (const piece of pieces) message.add(piece);
  return message.finish().toString();
}

describe('the message of a call', () => {
  it('is the same wherever it was cut on its way', () => {
    for (let first = 0; first <= frame.length; first += 1) {
      for (let second = first; second <= frame.length; second += 1) {
        const pieces = [frame.subarray(0, first), frame.subarray(first, second), frame.subarray(second)];
        expect(read(...pieces)).toBe('hello, message');
      }
    }
    expect(read(...Array.from(frame, (byte) => Buffer.of(byte)))).toBe('hello, message');
  });

  it('may be empty, or as long as the limit', () => {
    expect(read(framed(Buffer.alloc(0)))).toBe('');
    expect(read(framed(Buffer.alloc(LIMIT, 'a')))).toBe('a'.repeat(LIMIT));
  });

  it('is refused before it has come when it says that it is too large', () => {
    const head = framed(Buffer.alloc(LIMIT + 1)).subarray(0, 5);
    expect(() => new UnaryMessage(LIMIT).add(head)).toThrow(expect.objectContaining({ status: 413 }));
  });

  it.each<[string, Buffer[], number]>([
    ['there is none', [], 501],
    ['there are two', [frame, frame], 501],
    ['its head is cut short', [frame.subarray(0, 3)], 400],
    ['it is cut short', [frame.subarray(0, -1)], 400],
    ['it is compressed', [Buffer.concat([Buffer.of(1), frame.subarray(1)])], 400],
  ])('is refused when %s', (_, pieces, status) => {
    expect(() => read(...pieces)).toThrow(expect.objectContaining({ status }));
  });
});
