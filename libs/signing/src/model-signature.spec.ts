import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makeBundle, MAX_BUNDLE_BYTES, type SigstoreBundle } from './bundle.js';
import { signEnvelope } from './dsse.js';
import { generateSigningKey, keyId, loadPrivateKey, loadPublicKey } from './keys.js';
import { signModel, verifyModelSignature } from './model-signature.js';
import { rootDigest } from './root-digest.js';
import { STATEMENT_TYPE } from './statement.js';

const pair = generateSigningKey();
const privateKey = loadPrivateKey(pair.privateKeyPem);
const publicKey = loadPublicKey(pair.publicKeyPem);
const keys = [publicKey];
const stranger = loadPublicKey(generateSigningKey().publicKeyPem);

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const model = { name: 'model.onnx', digest: sha256('model') };
const files = [model, { name: 'data/weights.bin', digest: sha256('weights') }];
const single = signModel([model], 'model.onnx', privateKey);
const folder = signModel(files, 'rain', privateKey);

interface Resource {
  name: string;
  digest: string;
  algorithm: string;
  [other: string]: unknown;
}
interface Statement {
  subject: { name: string; digest: { sha256: string } }[];
  predicateType: string;
  predicate: { resources: Resource[]; serialization: Record<string, unknown>; [other: string]: unknown };
  [other: string]: unknown;
}

const statementOf = (bundle: SigstoreBundle) =>
  JSON.parse(Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString()) as Statement;

/** A bundle with a change to what it says, signed again with the good key. */
function resigned(change: (statement: Statement) => void): SigstoreBundle {
  const statement = statementOf(folder);
  change(statement);
  const envelope = signEnvelope(STATEMENT_TYPE, Buffer.from(JSON.stringify(statement)), privateKey);
  return makeBundle(envelope, keyId(publicKey));
}

function rootInOrder(resources: readonly Resource[]): string {
  const hash = createHash('sha256');
  for (const { digest } of resources) hash.update(digest, 'hex');
  return hash.digest('hex');
}

const withReason = (reason: string): unknown => expect.objectContaining({ name: 'SignatureError', reason });

describe('signing a model', () => {
  it('lists the files of a folder in the order of their names', () => {
    const { subject, predicate } = statementOf(signModel(files, 'rain', privateKey));
    expect(predicate.resources.map(({ name }) => name)).toEqual(['data/weights.bin', 'model.onnx']);
    expect(subject).toEqual([{ name: 'rain', digest: { sha256: rootDigest(files) } }]);
    expect(predicate.serialization).toEqual({ method: 'files', hash_type: 'sha256', allow_symlinks: false });
  });

  it('names a single file as the reference tool does', () => {
    const { subject, predicate } = statementOf(single);
    expect(predicate.resources).toEqual([{ name: '.', digest: model.digest, algorithm: 'sha256' }]);
    expect(subject).toEqual([{ name: 'model.onnx', digest: { sha256: rootDigest([model]) } }]);
  });

  it('names the key by its hint', () => {
    expect(single.verificationMaterial.publicKey.hint).toBe(keyId(publicKey));
    expect(single.dsseEnvelope.signatures).toEqual([expect.objectContaining({ keyid: '' })]);
  });
});

describe('a model signature', () => {
  it.each<[string, unknown]>([
    ['an object', folder],
    ['a text', JSON.stringify(folder)],
    ['the bytes of a file', Buffer.from(JSON.stringify(folder))],
  ])('is verified from %s', (_, bundle) => {
    const verified = verifyModelSignature(bundle, files, [stranger, publicKey]);
    expect(verified).toEqual({ keyId: keyId(publicKey), rootDigest: rootDigest(files) });
  });

  it('of a single file stands for it under any name', () => {
    const renamed = { ...model, name: 'other.onnx' };
    expect(verifyModelSignature(single, [renamed], keys).rootDigest).toBe(rootDigest([model]));
    // By the specification the resource has the name of the file.
    const named = resigned((s) => {
      s.predicate.resources = [{ name: 'rain.onnx', digest: model.digest, algorithm: 'sha256' }];
      s.subject = [{ name: 'rain.onnx', digest: { sha256: rootDigest([model]) } }];
    });
    expect(verifyModelSignature(named, [model], keys).rootDigest).toBe(rootDigest([model]));
  });

  it('of a folder with one file stands for that name only', () => {
    const one = resigned((s) => {
      s.predicate.resources = [{ name: 'model.onnx', digest: model.digest, algorithm: 'sha256' }];
      s.subject = [{ name: 'rain', digest: { sha256: rootDigest([model]) } }];
    });
    expect(verifyModelSignature(one, [model], keys).rootDigest).toBe(rootDigest([model]));
    expect(() => verifyModelSignature(one, [{ ...model, name: 'x' }], keys)).toThrow(withReason('missing-file'));
  });

  it('is verified in the order of the document, whatever that is', () => {
    const reversed = resigned((s) => {
      s.predicate.resources.reverse();
      s.subject = [{ name: 'rain', digest: { sha256: rootInOrder(s.predicate.resources) } }];
    });
    const { rootDigest: root } = verifyModelSignature(reversed, files, keys);
    expect(root).not.toBe(rootDigest(files));
  });

  it('is verified when a resource has fields that are not known', () => {
    const more = resigned((s) => s.predicate.resources.forEach((resource) => (resource['mediaType'] = 'x')));
    expect(verifyModelSignature(more, files, keys).rootDigest).toBe(rootDigest(files));
  });

  it.each([null, undefined, ''])('is verified when keyid is %s', (keyid) => {
    const [{ sig } = { sig: '' }] = folder.dsseEnvelope.signatures;
    const bundle = { ...folder, dsseEnvelope: { ...folder.dsseEnvelope, signatures: [{ sig, keyid }] } };
    expect(verifyModelSignature(bundle, files, keys).keyId).toBe(keyId(publicKey));
  });

  it('of before 1.1, with the key in it, is verified by the trusted keys and not by that key', () => {
    const rawBytes = Buffer.from(pair.publicKeyPem).toString('base64');
    const old = { ...folder, verificationMaterial: { publicKey: { rawBytes, keyDetails: 'PKIX_ECDSA_P256_SHA_256' } } };
    expect(verifyModelSignature(old, files, [stranger, publicKey]).keyId).toBe(keyId(publicKey));
    expect(() => verifyModelSignature(old, files, [stranger])).toThrow(withReason('bad-signature'));
  });
});

describe('a model signature is refused', () => {
  it.each([
    ['a file has other bytes', [{ ...model, digest: sha256('x') }, ...files.slice(1)], 'digest-mismatch'],
    ['a file is missing', [model], 'missing-file'],
    ['a file is not signed', [...files, { name: 'extra', digest: sha256('x') }], 'unlisted-file'],
    ['a file has another name', [{ ...model, name: 'x' }, ...files.slice(1)], 'missing-file'],
    ['there are no files', [], 'missing-file'],
  ])('when %s', (_, given, reason) => {
    expect(() => verifyModelSignature(folder, given, keys)).toThrow(withReason(reason));
  });

  it('when its signer is not trusted', () => {
    expect(() => verifyModelSignature(folder, files, [stranger])).toThrow(withReason('unknown-key'));
    expect(() => verifyModelSignature(folder, files, [])).toThrow(withReason('unknown-key'));
  });

  it('when what it says was changed', () => {
    const { payload } = signModel(
      [model, { name: 'data/weights.bin', digest: sha256('x') }],
      'rain',
      privateKey,
    ).dsseEnvelope;
    const forged = { ...folder, dsseEnvelope: { ...folder.dsseEnvelope, payload } };
    expect(() => verifyModelSignature(forged, files, keys)).toThrow(withReason('bad-signature'));
  });

  it.each<[string, (statement: Statement) => void, string]>([
    [
      'the root digest is not that of the files',
      (s) => (s.subject = [{ name: 'rain', digest: { sha256: sha256('x') } }]),
      'digest-mismatch',
    ],
    ['it is of model-signing 0.2', (s) => (s.predicateType = 'https://model_signing/Digests/v0.1'), 'unsupported'],
    ['the predicate is another', (s) => (s.predicateType = 'https://slsa.dev/provenance/v1'), 'unsupported'],
    [
      'files are hashed in shards',
      (s) => Object.assign(s.predicate.serialization, { method: 'shards', shard_size: 5 }),
      'unsupported',
    ],
    ['files are hashed with BLAKE3', (s) => (s.predicate.serialization['hash_type'] = 'blake3'), 'unsupported'],
    [
      'one file is hashed with BLAKE3',
      (s) => s.predicate.resources.forEach((r) => (r.algorithm = 'blake3')),
      'unsupported',
    ],
    ['the predicate has a field more', (s) => (s.predicate['extra'] = 1), 'malformed'],
    ['it says nothing of symbolic links', (s) => delete s.predicate.serialization['allow_symlinks'], 'malformed'],
    ['it lists no files', (s) => (s.predicate.resources = []), 'malformed'],
    ['it lists a file twice', (s) => s.predicate.resources.push(...s.predicate.resources), 'malformed'],
    ['a digest is too short', (s) => s.predicate.resources.forEach((r) => (r.digest = 'abcd')), 'malformed'],
    ['it has two subjects', (s) => s.subject.push(...s.subject), 'malformed'],
  ])('when %s, though well signed', (_, change, reason) => {
    expect(() => verifyModelSignature(resigned(change), files, keys)).toThrow(withReason(reason));
  });

  const withMaterial = (verificationMaterial: unknown) => ({ ...folder, verificationMaterial });
  it.each<[string, unknown, string]>([
    ['it is no JSON', '{', 'malformed'],
    ['it is empty', {}, 'malformed'],
    ['it is too long', JSON.stringify(folder) + ' '.repeat(MAX_BUNDLE_BYTES), 'malformed'],
    ['it is nested without end', '['.repeat(1_000_000), 'malformed'],
    ['it is of another media type', { ...folder, mediaType: 'application/json' }, 'unsupported'],
    ['it has no envelope', { ...folder, dsseEnvelope: undefined }, 'malformed'],
    ['it names no key', withMaterial({}), 'malformed'],
    ['it is signed with a chain of certificates', withMaterial({ x509CertificateChain: {} }), 'unsupported'],
    ['it is signed with a certificate of Sigstore', withMaterial({ certificate: {} }), 'unsupported'],
    [
      'it has two signatures',
      {
        ...folder,
        dsseEnvelope: { ...folder.dsseEnvelope, signatures: [{ sig: 'AAAA' }, ...folder.dsseEnvelope.signatures] },
      },
      'malformed',
    ],
  ])('when %s', (_, bundle, reason) => {
    expect(() => verifyModelSignature(bundle, files, keys)).toThrow(withReason(reason));
  });
});
