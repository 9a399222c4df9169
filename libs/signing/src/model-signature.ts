import type { KeyObject } from 'node:crypto';
import { makeBundle, verifyBundle, type SigstoreBundle } from './bundle.js';
import { signEnvelope } from './dsse.js';
import { keyId } from './keys.js';
import { readModelStatement, writeModelStatement, type ModelManifest } from './model-statement.js';
import { rootDigest, sortByName, type NamedDigest } from './root-digest.js';
import { SignatureError } from './signature-error.js';
import { STATEMENT_TYPE } from './statement.js';

/** What the reference tool calls the only resource of a model that is one file: its path relative to itself. */
const SINGLE_FILE = '.';

export interface VerifiedModel {
  /** The trusted key that signed. */
  readonly keyId: string;
  readonly rootDigest: string;
}

/**
 * Signs a model by the digests of its files (OpenSSF Model Signing 1.0, key method). One file is signed as a model
 * that is a file, so that `model_signing verify key model.onnx` accepts it; more are signed as a folder.
 * @param modelName informative: the last part of the model's path
 * @throws SignatureError `malformed` without files, or with a name twice
 */
export function signModel(files: readonly NamedDigest[], modelName: string, privateKey: KeyObject): SigstoreBundle {
  const [only] = files;
  const resources = only && files.length === 1 ? [{ name: SINGLE_FILE, digest: only.digest }] : sortByName(files);
  return signManifest({ modelName, resources, ignorePaths: [], rootDigest: rootDigest(files) }, privateKey);
}

export function signManifest(manifest: ModelManifest, privateKey: KeyObject): SigstoreBundle {
  const envelope = signEnvelope(STATEMENT_TYPE, writeModelStatement(manifest), privateKey);
  return makeBundle(envelope, keyId(privateKey));
}

/**
 * Checks that a bundle is signed by a trusted key and lists exactly the given files with their digests. Paths that
 * the signer ignored are not excused here: every given file must be signed.
 * @param bundle a parsed bundle, or the text or bytes of a `.sig` file
 * @throws SignatureError
 */
export function verifyModelSignature(
  bundle: unknown,
  files: readonly NamedDigest[],
  publicKeys: readonly KeyObject[],
): VerifiedModel {
  const { manifest, keyId: signer } = readSignedManifest(bundle, publicKeys);
  matchFiles(manifest, files);
  return { keyId: signer, rootDigest: manifest.rootDigest };
}

/** @throws SignatureError */
export function readSignedManifest(
  bundle: unknown,
  publicKeys: readonly KeyObject[],
): { readonly manifest: ModelManifest; readonly keyId: string } {
  const verified = verifyBundle(bundle, publicKeys);
  return { manifest: readModelStatement(verified), keyId: verified.keyId };
}

/** @throws SignatureError `missing-file`, `unlisted-file`, `digest-mismatch` */
export function matchFiles(manifest: ModelManifest, files: readonly NamedDigest[]): void {
  const unsigned = new Map(files.map(({ name, digest }) => [name, digest]));
  for (const { name, digest } of expectedFiles(manifest, files)) {
    const actual = unsigned.get(name);
    if (actual === undefined) throw new SignatureError('missing-file', `the signed file ${name} is missing`);
    if (actual !== digest)
      throw new SignatureError('digest-mismatch', `the file ${name} is not the one that was signed`);
    unsigned.delete(name);
  }
  const [unlisted] = unsigned.keys();
  if (unlisted !== undefined) throw new SignatureError('unlisted-file', `the file ${unlisted} is not signed`);
}

/**
 * The signed files by the names they have here. A model that is one file may have been renamed since: its resource is
 * called `.` by the reference tool, and like the model itself by the specification (section 6.1.2).
 */
function expectedFiles({ modelName, resources }: ModelManifest, files: readonly NamedDigest[]): readonly NamedDigest[] {
  const [resource] = resources;
  const [file] = files;
  if (!resource || !file || resources.length > 1 || files.length > 1) return resources;
  const isWholeModel = resource.name === SINGLE_FILE || resource.name === modelName;
  return isWholeModel ? [{ name: file.name, digest: resource.digest }] : resources;
}
