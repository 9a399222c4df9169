import { describe, expect, it } from 'vitest';
import { signEnvelope } from './dsse.js';
import { generateSigningKey, loadPrivateKey, loadPublicKey } from './keys.js';
import { signRelease, verifyRelease, type Release } from './release.js';
import { STATEMENT_TYPE } from './statement.js';

const pair = generateSigningKey();
const privateKey = loadPrivateKey(pair.privateKeyPem);
const keys = [loadPublicKey(pair.publicKeyPem)];
const digest = 'a'.repeat(64);
const release: Release = {
  model: 'rain',
  version: 2,
  project: 'default',
  digest,
  approver: 'Ada',
  approvedAt: '2026-11-23T20:00:00.000Z',
  reason: 'better on autumn days',
  files: [{ name: 'model.onnx', digest: 'b'.repeat(64), size: 12 }],
};
const expected = { model: 'rain', version: 2, digest };
const envelope = signRelease(release, privateKey);

type Json = Record<string, unknown> & { predicate: Record<string, unknown> };
const statement = JSON.parse(Buffer.from(envelope.payload, 'base64').toString()) as Json;

/** The same release with a change to its statement, signed again with the good key. */
function resigned(change: (statement: Json) => void) {
  const copy = structuredClone(statement);
  change(copy);
  return signEnvelope(STATEMENT_TYPE, Buffer.from(JSON.stringify(copy)), privateKey);
}

const withReason = (reason: string): unknown => expect.objectContaining({ name: 'SignatureError', reason });

describe('a release', () => {
  it('is read from its envelope as it was signed', () => {
    expect(verifyRelease(envelope, keys, expected)).toEqual(release);
  });

  it('has the version as subject of an in-toto statement', () => {
    expect(statement).toMatchObject({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: 'rain@2', digest: { sha256: digest } }],
      predicateType: 'https://baton.dev/release/v1',
      predicate: { model: 'rain', version: 2, approver: 'Ada' },
    });
    expect(statement.predicate).not.toHaveProperty('digest');
  });

  it.each([
    ['another model', { ...expected, model: 'snow' }, 'subject-mismatch'],
    ['another version', { ...expected, version: 1 }, 'subject-mismatch'],
    ['other bytes', { ...expected, digest: 'c'.repeat(64) }, 'digest-mismatch'],
  ])('does not stand for %s', (_, wanted, reason) => {
    expect(() => verifyRelease(envelope, keys, wanted)).toThrow(withReason(reason));
  });

  it.each<[string, (statement: Json) => void, string]>([
    [
      'a subject that is not the version of the predicate',
      (s) => (s['subject'] = [{ name: 'snow@2', digest: { sha256: digest } }]),
      'subject-mismatch',
    ],
    ['another model in the predicate', (s) => (s.predicate['model'] = 'snow'), 'subject-mismatch'],
    ['another version in the predicate', (s) => (s.predicate['version'] = 3), 'subject-mismatch'],
    ['another predicate', (s) => (s['predicateType'] = 'https://slsa.dev/provenance/v1'), 'unsupported'],
    ['another kind of statement', (s) => (s['_type'] = 'https://in-toto.io/Statement/v0.1'), 'malformed'],
    ['two subjects', (s) => (s['subject'] = [...(s['subject'] as []), ...(s['subject'] as [])]), 'malformed'],
    [
      'a digest that is none',
      (s) => (s['subject'] = [{ name: 'rain@2', digest: { sha256: 'A'.repeat(64) } }]),
      'malformed',
    ],
    ['no approver', (s) => delete s.predicate['approver'], 'malformed'],
    ['a time that is none', (s) => (s.predicate['approvedAt'] = 'yesterday'), 'malformed'],
    ['a version that is a text', (s) => (s.predicate['version'] = '2'), 'malformed'],
    ['no files', (s) => (s.predicate['files'] = []), 'malformed'],
  ])('is refused with %s, though well signed', (_, change, reason) => {
    expect(() => verifyRelease(resigned(change), keys, expected)).toThrow(withReason(reason));
  });

  it('is refused when the payload is of another type, or no JSON', () => {
    const other = signEnvelope('text/plain', Buffer.from(JSON.stringify(statement)), privateKey);
    const broken = signEnvelope(STATEMENT_TYPE, Buffer.from('{'), privateKey);
    expect(() => verifyRelease(other, keys, expected)).toThrow(withReason('malformed'));
    expect(() => verifyRelease(broken, keys, expected)).toThrow(withReason('malformed'));
  });

  it('is refused from somebody else', () => {
    const forged = signRelease(release, loadPrivateKey(generateSigningKey().privateKeyPem));
    expect(() => verifyRelease(forged, keys, expected)).toThrow(withReason('unknown-key'));
  });
});
