import { deflateRawSync, deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { chooseEncoding, compress, decompress } from './compression.js';

const body = Buffer.from('{"inputs": []}'.repeat(200));
const LIMIT = 10_000;

describe('decompress', () => {
  it.each<[string | undefined, Buffer]>([
    [undefined, body],
    ['identity', body],
    ['gzip', gzipSync(body)],
    ['GZIP', gzipSync(body)],
    ['x-gzip', gzipSync(body)],
    ['deflate', deflateSync(body)],
    ['deflate', deflateRawSync(body)],
  ])('takes %s', async (encoding, bytes) => {
    expect((await decompress(bytes, encoding, LIMIT)).equals(body)).toBe(true);
  });

  it.each<[string, string, Buffer, number]>([
    ['an encoding that it does not know', 'br', body, 415],
    ['two encodings', 'gzip, deflate', body, 415],
    ['bytes that are none', 'gzip', body, 400],
    ['bytes that end early', 'gzip', gzipSync(body).subarray(0, 20), 400],
    ['no bytes', 'gzip', Buffer.alloc(0), 400],
    ['more than the limit', 'gzip', gzipSync(Buffer.alloc(LIMIT + 1)), 413],
    ['far more than the limit', 'deflate', deflateSync(Buffer.alloc(50_000_000)), 413],
  ])('refuses %s', async (_what, encoding, bytes, status) => {
    await expect(decompress(bytes, encoding, LIMIT)).rejects.toMatchObject({ name: 'ServiceError', status });
  });
});

describe('chooseEncoding', () => {
  it.each<[string | undefined, string | undefined]>([
    [undefined, undefined],
    ['', undefined],
    ['br', undefined],
    ['identity', undefined],
    ['gzip', 'gzip'],
    ['deflate', 'deflate'],
    ['gzip, deflate, br', 'gzip'],
    ['deflate;q=0.9, gzip;q=0.5', 'deflate'],
    ['gzip;q=0, deflate', 'deflate'],
    ['gzip;q=0', undefined],
    ['*', 'gzip'],
    ['*;q=0.1, gzip;q=0', 'deflate'],
    ['identity, gzip;q=0.5', undefined],
    ['GZIP ; Q=1', 'gzip'],
    ['gzip;q=nonsense', undefined],
  ])('for "%s" chooses %s', (accepted, expected) => {
    expect(chooseEncoding(accepted)).toBe(expected);
  });
});

describe('compress', () => {
  it('makes large bodies smaller', async () => {
    const [zipped, deflated] = await Promise.all([compress(body, 'gzip'), compress(body, 'deflate')]);
    expect(gunzipSync(zipped ?? '').equals(body)).toBe(true);
    expect(inflateSync(deflated ?? '').equals(body)).toBe(true);
    expect(zipped?.length).toBeLessThan(body.length / 4);
  });

  it('leaves alone what is small, or not to be compressed', async () => {
    expect(await compress(Buffer.alloc(1023), 'gzip')).toBeUndefined();
    expect(await compress(body, undefined)).toBeUndefined();
  });
});
