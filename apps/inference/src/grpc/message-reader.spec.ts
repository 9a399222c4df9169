import { describe, expect, it } from 'vitest';
import { framed, MessageReader, refuseRest } from './message-reader.js';

const LIMIT = 20;
const texts = ['hello, message', '', 'a', 'x'.repeat(LIMIT)];
const bytes = Buffer.concat(texts.map((text) => framed(Buffer.from(text))));

function read(...pieces: Buffer[]): string[] {
  const reader = new MessageReader(LIMIT);
  const messages = pieces.flatMap((piece) => {
    reader.add(piece);
    const come: string[] = [];
    for (let next = reader.next(); next; next = reader.next()) come.push(next.toString());
    return come;
  });
  refuseRest(reader);
  return messages;
}

describe('the messages of a call', () => {
  it('are the same wherever they were cut on their way', () => {
    for (let first = 0; first <= bytes.length; first += 1) {
      for (let second = first; second <= bytes.length; second += 1) {
        const pieces = [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)];
        expect(read(...pieces)).toEqual(texts);
      }
    }
    expect(read(...Array.from(bytes, (byte) => Buffer.of(byte)))).toEqual(texts);
  });

  it('are refused before they have come when they say that they are too large', () => {
    const reader = new MessageReader(LIMIT);
    reader.add(framed(Buffer.alloc(LIMIT + 1)).subarray(0, 5));
    expect(() => reader.next()).toThrow(expect.objectContaining({ status: 413 }));
  });

  it.each([
    ['the head of one is cut short', bytes.subarray(0, 3)],
    ['one is cut short', bytes.subarray(0, 12)],
    ['one is compressed', Buffer.concat([Buffer.of(1), bytes.subarray(1)])],
  ])('are refused when %s', (_, piece) => {
    expect(() => read(piece)).toThrow(expect.objectContaining({ status: 400 }));
  });
});
