import { refuseOtherFields, toList, toObject, toText, type JsonObject } from './json-values.js';
import { digestInOrder, refuseTwice, type NamedDigest } from './root-digest.js';
import { SignatureError } from './signature-error.js';
import { readStatement, toDigest, writeStatement } from './statement.js';

const MODEL_PREDICATE = 'https://model_signing/signature/v1.0';
const MAX_RESOURCES = 50_000;
const otherPredicates = {
  'https://model_signing/Digests/v0.1':
    'the model was signed with model-signing 0.2, before the format was settled: sign it again with version 1 of the tool',
};

/** What a model's signature says: its files, in the order of the document. */
export interface ModelManifest {
  /** Informative: the last part of the path that was signed. */
  readonly modelName: string;
  readonly rootDigest: string;
  readonly resources: readonly NamedDigest[];
  /** Paths relative to the model's folder that were left out. */
  readonly ignorePaths: readonly string[];
}

export function writeModelStatement({ modelName, rootDigest, resources, ignorePaths }: ModelManifest): Buffer {
  const serialization = {
    method: 'files',
    hash_type: 'sha256',
    allow_symlinks: false,
    ...(ignorePaths.length > 0 ? { ignore_paths: ignorePaths } : {}),
  };
  return writeStatement({
    subject: { name: modelName, digest: rootDigest },
    predicateType: MODEL_PREDICATE,
    predicate: {
      serialization,
      resources: resources.map(({ name, digest }) => ({ name, digest, algorithm: 'sha256' })),
    },
  });
}

/**
 * Reads a verified payload, and checks that the subject is the root of the listed digests.
 * @throws SignatureError `malformed`, `unsupported`, `digest-mismatch`
 */
export function readModelStatement(verified: {
  readonly payloadType: string;
  readonly payload: Buffer;
}): ModelManifest {
  const { subject, predicate } = readStatement(verified, MODEL_PREDICATE, otherPredicates);
  refuseOtherFields(predicate, ['serialization', 'resources'], 'the predicate');
  const ignorePaths = readSerialization(toObject(predicate['serialization'], 'serialization'));
  const resources = toList(predicate['resources'], 'resources', [1, MAX_RESOURCES]).map(readResource);
  refuseTwice(resources);
  const rootDigest = digestInOrder(resources);
  if (rootDigest !== subject.digest) {
    throw new SignatureError('digest-mismatch', 'the root digest of the signature is not that of the files it lists');
  }
  return { modelName: subject.name, rootDigest, resources, ignorePaths };
}

function readSerialization(serialization: JsonObject): string[] {
  const { method, hash_type: hashType, allow_symlinks: allowSymlinks, ignore_paths: ignored = [] } = serialization;
  if (method !== 'files') throw new SignatureError('unsupported', 'only models hashed by whole files are supported');
  if (hashType !== 'sha256') throw new SignatureError('unsupported', 'only models hashed with SHA-256 are supported');
  if (typeof allowSymlinks !== 'boolean') throw new SignatureError('malformed', 'allow_symlinks is not a boolean');
  refuseOtherFields(serialization, ['method', 'hash_type', 'allow_symlinks', 'ignore_paths'], 'serialization');
  return toList(ignored, 'ignore_paths', [0, MAX_RESOURCES]).map((path) => toText(path, 'an ignored path', 4096));
}

function readResource(value: unknown): NamedDigest {
  // Other fields of in-toto's resource descriptors are ignored, as the specification has it.
  const { name, digest, algorithm } = toObject(value, 'a resource');
  if (algorithm !== 'sha256') throw new SignatureError('unsupported', 'only SHA-256 digests of files are supported');
  return { name: toText(name, 'the name of a resource', 4096), digest: toDigest(digest, 'the digest of a resource') };
}
