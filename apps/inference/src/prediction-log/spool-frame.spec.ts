import { describe, expect, it } from 'vitest';
import { FRAME_HEADER, frameAt, frameBytes, makeFrame, scanSegment } from './spool-frame.js';

const bodies = ['first', '', 'the third, which is longer'];
const parts = bodies.map((body, index) => makeFrame(Buffer.from(body), { first: 7 + index, count: 1, lost: 0 }));
const all = Buffer.concat(parts);
const text = (body: Buffer) => body.toString().replaceAll('\0', '');
const scanned = (bytes: Buffer, first = 7) => {
  const { frames, end, next } = scanSegment(bytes, first);
  return { found: frames.map((frame) => [frame.first, text(frame.body)]), end, next };
};
const expected = bodies.map((body, index) => [7 + index, body]);

describe('frames of the spool', () => {
  it('come back as they were written', () => {
    expect(scanned(all)).toEqual({ found: expected, end: all.length, next: 10 });
    expect(frameAt(all, 0, 7)).toMatchObject({ first: 7, count: 1, lost: 0 });
  });

  it('cut off at any byte leave those before it', () => {
    const ends = parts.map((_, index) => Buffer.concat(parts.slice(0, index + 1)).length);
    for (let length = 0; length < all.length; length += 1) {
      const whole = ends.filter((end) => end <= length);
      const { found, end } = scanned(all.subarray(0, length));
      expect([found.length, end]).toEqual([whole.length, whole.at(-1) ?? 0]);
    }
  });

  it('with any bit changed are not taken, and those behind are', () => {
    for (let at = 0; at < Number(parts[0]?.length); at += 1) {
      const changed = Buffer.from(all);
      changed[at] = (changed[at] ?? 0) ^ 0x10;
      expect(scanned(changed)).toEqual({ found: expected.slice(1), end: all.length, next: 10 });
    }
  });

  it.each([Buffer.alloc(64), Buffer.alloc(64, 0xff)])('are not found in what no one wrote', (bytes) => {
    expect(scanned(bytes)).toEqual({ found: [], end: 0, next: 7 });
  });

  it('of a file’s earlier life are not taken for its own', () => {
    const old = [3, 4, 5, 6].map((first) => makeFrame(Buffer.from('old'), { first, count: 1, lost: 0 }));
    expect(scanned(Buffer.concat([...parts, ...old]))).toMatchObject({ found: expected, end: all.length });
    expect(scanned(Buffer.concat(old)).found).toEqual([]);
  });

  it('tell how many bytes the next one needs', () => {
    expect(frameAt(all.subarray(0, 38), 0, 7)).toBe(parts[0]?.length);
    expect(frameAt(all.subarray(0, 3), 0, 7)).toBe(FRAME_HEADER);
    const frame = frameAt(all, 0, 7);
    expect(typeof frame === 'object' && frameBytes(frame)).toBe(parts[0]?.length);
  });
});
