import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RegistryConfig } from '../config.js';
import { ArtifactStore, TooManyBytesError } from './artifact-store.js';

const content = Buffer.from('the bytes of a model');
const digest = createHash('sha256').update(content).digest('hex');

let folder: string;
let store: ArtifactStore;

const filesIn = (path: string) =>
  readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
const started = async () => {
  const one = new ArtifactStore(Object.assign(new RegistryConfig(), { artifactDir: folder }));
  await one.onModuleInit();
  return one;
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'baton-artifacts-'));
  store = await started();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the artifact store', () => {
  it('keeps a file under its digest', async () => {
    const received = await store.receive(Readable.from([content.subarray(0, 5), content.subarray(5)]), 100);
    expect(received).toMatchObject({ digest, size: content.length });
    await store.keep(received);
    expect(readFileSync(join(folder, digest.slice(0, 2), digest)).equals(content)).toBe(true);
    expect(await store.sizeOf(digest)).toBe(content.length);
    expect(await store.digests()).toEqual([digest]);
    expect(filesIn(folder)).toHaveLength(1);
  });

  it('takes a file again, and mends one that was damaged', async () => {
    await store.keep(await store.receive(Readable.from([content]), 100));
    writeFileSync(store.pathOf(digest), 'other bytes');
    await store.keep(await store.receive(Readable.from([content]), 100));
    expect(readFileSync(store.pathOf(digest)).equals(content)).toBe(true);
  });

  it('leaves nothing of what is too large', async () => {
    await expect(store.receive(Readable.from([content]), content.length - 1)).rejects.toThrow(TooManyBytesError);
    expect(filesIn(folder)).toEqual([]);
    await expect(store.receive(Readable.from([content]), content.length)).resolves.toBeDefined();
  });

  it('leaves nothing of what broke off', async () => {
    async function* breaking() {
      yield await Promise.resolve(content);
      throw new Error('gone');
    }
    await expect(store.receive(Readable.from(breaking()), 100)).rejects.toThrow('gone');
    expect(filesIn(folder)).toEqual([]);
  });

  it('begins without what an earlier process was receiving, and with what it kept', async () => {
    await store.keep(await store.receive(Readable.from([content]), 100));
    const { path } = await store.receive(Readable.from(['half']), 100);
    const next = await started();
    expect(existsSync(path)).toBe(false);
    expect(await next.digests()).toEqual([digest]);
  });

  it('knows nothing of a file that is not there', async () => {
    expect(await store.sizeOf(digest)).toBeUndefined();
  });
});
