import { describe, expect, it } from 'vitest';
import { encodeRecord, scanRecords } from './spool-record.js';

const bodies = ['first', '', 'the third, which is longer'];
const parts = bodies.map((body, index) => encodeRecord({ sequence: 7 + index, body: Buffer.from(body) }));
const all = Buffer.concat(parts);
const scanned = (bytes: Buffer, count?: number) => {
  const { records, end } = scanRecords(bytes, count === undefined ? {} : { count });
  return { found: records.map(({ sequence, body }) => [sequence, body.toString()]), end };
};
const expected = bodies.map((body, index) => [7 + index, body]);

describe('records of the spool', () => {
  it('come back as they were written', () => {
    expect(scanned(all)).toEqual({ found: expected, end: all.length });
    expect(scanned(all, 2)).toEqual({ found: expected.slice(0, 2), end: Number(parts[0]?.length) + 16 });
  });

  it('cut off at any byte leave those before it', () => {
    const ends = parts.map((_, index) => Buffer.concat(parts.slice(0, index + 1)).length);
    for (let length = 0; length < all.length; length += 1) {
      const whole = ends.filter((end) => end <= length);
      const { found, end } = scanned(all.subarray(0, length));
      expect([found.length, end]).toEqual([whole.length, whole.at(-1) ?? 0]);
    }
  });

  it('with any bit changed are not taken', () => {
    for (let at = 0; at < Number(parts[0]?.length); at += 1) {
      const changed = Buffer.from(all);
      changed[at] = (changed[at] ?? 0) ^ 0x10;
      expect(scanned(changed).found).toEqual([]);
    }
  });

  it.each([Buffer.alloc(64), Buffer.alloc(64, 0xff)])('are not found in what no one wrote', (bytes) => {
    expect(scanned(bytes)).toEqual({ found: [], end: 0 });
  });

  it('tell how many bytes the next one needs', () => {
    expect(scanRecords(all.subarray(0, 18)).wanted).toBe(parts[0]?.length);
    expect(scanRecords(all.subarray(0, 3)).wanted).toBe(16);
  });
});
