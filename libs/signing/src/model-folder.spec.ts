import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SigstoreBundle } from './bundle.js';
import { hashFile } from './hashing.js';
import { generateSigningKey, keyId, loadPrivateKey, loadPublicKey } from './keys.js';
import { signModelFolder, verifyModelFolder } from './model-folder.js';
import { signModel } from './model-signature.js';

const pair = generateSigningKey();
const privateKey = loadPrivateKey(pair.privateKeyPem);
const publicKey = loadPublicKey(pair.publicKeyPem);
const keys = [publicKey];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'baton-model-'));
  await put('model.onnx', 'model');
  await put('data/weights.bin', 'weights');
  await put('.git/config', 'ignored');
});
afterEach(() => rm(folder, { recursive: true }));

async function put(name: string, text: string): Promise<void> {
  await mkdir(join(folder, name, '..'), { recursive: true });
  await writeFile(join(folder, name), text);
}

function resourcesOf(bundle: SigstoreBundle): string[] {
  const payload = Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString();
  const { predicate } = JSON.parse(payload) as { predicate: { resources: { name: string }[] } };
  return predicate.resources.map(({ name }) => name);
}

const withReason = (reason: string): unknown => expect.objectContaining({ name: 'SignatureError', reason });

describe('a signed folder', () => {
  it('is verified with all its files but those of git', async () => {
    const bundle = await signModelFolder(folder, privateKey);
    expect(resourcesOf(bundle)).toEqual(['data/weights.bin', 'model.onnx']);
    await put('.git/HEAD', 'changes nothing');
    expect((await verifyModelFolder(folder, bundle, keys)).keyId).toBe(keyId(publicKey));
  });

  it('is verified without the paths that the signer ignored, at the top only', async () => {
    await put('cache/a', '1');
    await put('data/cache/b', '2');
    const bundle = await signModelFolder(folder, privateKey, { ignorePaths: ['cache', 'model.sig'] });
    expect(resourcesOf(bundle)).toEqual(['data/cache/b', 'data/weights.bin', 'model.onnx']);
    await put('model.sig', JSON.stringify(bundle));
    await rm(join(folder, 'cache'), { recursive: true });
    await expect(verifyModelFolder(folder, bundle, keys)).resolves.toBeDefined();
  });

  it('is verified without the files of git when the signature does not mention them', async () => {
    const files = [
      { name: 'data/weights.bin', ...(await hashFile(join(folder, 'data/weights.bin'))) },
      { name: 'model.onnx', ...(await hashFile(join(folder, 'model.onnx'))) },
    ];
    const bundle = signModel(files, 'rain', privateKey);
    await expect(verifyModelFolder(folder, bundle, keys)).resolves.toBeDefined();
  });

  it.each<[string, string, () => Promise<void>]>([
    ['a file was changed', 'digest-mismatch', () => put('data/weights.bin', 'weightz')],
    ['a file was added', 'unlisted-file', () => put('data/more.bin', '')],
    ['a file of git is below the top', 'unlisted-file', () => put('data/.gitignore', '')],
    ['a file was taken away', 'missing-file', () => rm(join(folder, 'model.onnx'))],
    ['a symbolic link was added', 'unsupported', () => symlink('model.onnx', join(folder, 'link'))],
  ])('is refused when %s', async (_, reason, change) => {
    const bundle = await signModelFolder(folder, privateKey);
    await change();
    await expect(verifyModelFolder(folder, bundle, keys)).rejects.toThrow(withReason(reason));
  });

  it('is refused when a signed file is among the ignored ones', async () => {
    const bundle = await signModelFolder(folder, privateKey);
    const verified = verifyModelFolder(folder, bundle, keys, { ignorePaths: ['model.onnx'] });
    await expect(verified).rejects.toThrow(withReason('missing-file'));
  });
});

it('signs and verifies a single file', async () => {
  const path = join(folder, 'model.onnx');
  const bundle = await signModelFolder(path, privateKey);
  expect(resourcesOf(bundle)).toEqual(['.']);
  await expect(verifyModelFolder(path, bundle, keys)).resolves.toBeDefined();
  await writeFile(path, 'other');
  await expect(verifyModelFolder(path, bundle, keys)).rejects.toThrow(withReason('digest-mismatch'));
});

it('does not sign an empty folder, nor a symbolic link', async () => {
  const empty = join(folder, 'empty');
  await mkdir(empty);
  await expect(signModelFolder(empty, privateKey)).rejects.toThrow(withReason('malformed'));
  await symlink('model.onnx', join(folder, 'link'));
  await expect(signModelFolder(folder, privateKey)).rejects.toThrow(withReason('unsupported'));
});
