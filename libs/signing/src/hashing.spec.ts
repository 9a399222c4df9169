import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashFile, HashingStream } from './hashing.js';

/** SHA-256 of `abc` and of nothing (FIPS 180-4 examples). */
const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'baton-hashing-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('hashFile', () => {
  it.each([
    ['abc', ABC, 3],
    ['', EMPTY, 0],
  ])('hashes the text "%s"', async (text, digest, size) => {
    const path = join(folder, 'file');
    await writeFile(path, text);
    expect(await hashFile(path)).toEqual({ digest, size });
  });

  it('rejects when the file is not there', async () => {
    await expect(hashFile(join(folder, 'nothing'))).rejects.toThrow('ENOENT');
  });
});

describe('HashingStream', () => {
  it('passes on what it hashes', async () => {
    const hashing = new HashingStream();
    const passed = await buffer(Readable.from([Buffer.from('a'), Buffer.from('bc')]).pipe(hashing));
    expect(passed.toString()).toBe('abc');
    expect({ digest: hashing.digest, size: hashing.size }).toEqual({ digest: ABC, size: 3 });
  });

  it('has no digest before the end', () => {
    const hashing = new HashingStream();
    hashing.write('a');
    expect(() => hashing.digest).toThrow('before the end');
  });
});
