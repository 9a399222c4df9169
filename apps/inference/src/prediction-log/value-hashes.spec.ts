import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ValueHashes } from './value-hashes.js';

describe('hashes of values', () => {
  it.each([
    ['key', 'a', 'x'],
    ['k'.repeat(32), 'who', 'é 😀'],
    ['k'.repeat(64), '', 1.5],
    ['k'.repeat(32), 'long', 'y'.repeat(10_000)],
  ])('are HMAC-SHA256, with the key %s, the feature %s', (key, feature, value) => {
    const expected = createHmac('sha256', key).update(`${feature}\0${value}`).digest('hex').slice(0, 32);
    const hashes = new ValueHashes(Buffer.from(key));
    expect([hashes.of(feature, value), hashes.of(feature, value)]).toEqual([expected, expected]);
  });

  it('are the same after more values than are remembered', () => {
    const hashes = new ValueHashes(Buffer.from('key'));
    const first = hashes.of('a', -1);
    for (let value = 0; value < 20_001; value += 1) hashes.of('a', value);
    expect(hashes.of('a', -1)).toBe(first);
  });
});
