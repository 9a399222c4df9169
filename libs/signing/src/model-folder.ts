import type { KeyObject } from 'node:crypto';
import { lstat, readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { SigstoreBundle } from './bundle.js';
import { hashFile } from './hashing.js';
import { matchFiles, readSignedManifest, signManifest, signModel, type VerifiedModel } from './model-signature.js';
import { rootDigest, sortByName, type NamedDigest } from './root-digest.js';
import { SignatureError } from './signature-error.js';

/** Left out at the top of a model's folder, as by the reference tool. */
const gitPaths = ['.git', '.gitattributes', '.github', '.gitignore'];
const MAX_FILES = 50_000;

export interface FolderOptions {
  /** Paths relative to the folder that are left out, such as the signature file in it; a folder with all in it. */
  readonly ignorePaths?: readonly string[];
}

/**
 * Hashes and signs a model on disk: a folder with all its files, or one file.
 * @throws SignatureError `unsupported` for symbolic links and devices, `malformed` for an empty folder
 */
export async function signModelFolder(
  path: string,
  privateKey: KeyObject,
  options: FolderOptions = {},
): Promise<SigstoreBundle> {
  const modelName = basename(resolve(path));
  if (await isFile(path)) return signModel([{ name: modelName, ...(await hashFile(path)) }], modelName, privateKey);
  const ignorePaths = [...gitPaths, ...(options.ignorePaths ?? [])];
  const resources = sortByName(await hashFolder(path, ignorePaths));
  return signManifest({ modelName, resources, ignorePaths, rootDigest: rootDigest(resources) }, privateKey);
}

/**
 * Hashes a model on disk and checks it against its bundle: every file signed and every signed file there, but for the
 * paths that the signer or the caller ignores.
 * @throws SignatureError
 */
export async function verifyModelFolder(
  path: string,
  bundle: unknown,
  publicKeys: readonly KeyObject[],
  options: FolderOptions = {},
): Promise<VerifiedModel> {
  const { manifest, keyId } = readSignedManifest(bundle, publicKeys);
  const ignorePaths = [...gitPaths, ...manifest.ignorePaths, ...(options.ignorePaths ?? [])];
  const files = (await isFile(path))
    ? [{ name: basename(resolve(path)), ...(await hashFile(path)) }]
    : await hashFolder(path, ignorePaths);
  matchFiles(manifest, files);
  return { keyId, rootDigest: manifest.rootDigest };
}

async function isFile(path: string): Promise<boolean> {
  return (await lstat(path)).isFile();
}

async function hashFolder(folder: string, ignorePaths: readonly string[]): Promise<NamedDigest[]> {
  const ignored = new Set(ignorePaths.map((path) => path.replace(/\/+$/, '')));
  const files: NamedDigest[] = [];
  for (const name of await listFiles(folder, '', ignored)) {
    const { digest } = await hashFile(join(folder, name));
    files.push({ name, digest });
  }
  return files;
}

/** Names of the files below a folder, relative to the model's. */
async function listFiles(folder: string, prefix: string, ignored: ReadonlySet<string>): Promise<string[]> {
  const names: string[] = [];
  for (const entry of await readdir(join(folder, prefix), { withFileTypes: true })) {
    const name = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    if (ignored.has(name)) continue;
    if (name.includes('\uFFFD')) throw new SignatureError('unsupported', `the name ${name} is not UTF-8`);
    if (entry.isDirectory()) names.push(...(await listFiles(folder, name, ignored)));
    else if (entry.isFile()) names.push(name);
    else
      throw new SignatureError(
        'unsupported',
        `${name} is neither a file nor a folder; symbolic links are not followed`,
      );
    if (names.length > MAX_FILES) throw new SignatureError('unsupported', `the model has over ${MAX_FILES} files`);
  }
  return names;
}
