import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { pae, signEnvelope, verifyEnvelope } from './dsse.js';
import { generateSigningKey, keyId, loadPrivateKey, loadPublicKey } from './keys.js';

const pair = generateSigningKey();
const privateKey = loadPrivateKey(pair.privateKeyPem);
const publicKey = loadPublicKey(pair.publicKeyPem);
const stranger = loadPublicKey(generateSigningKey().publicKeyPem);
const TYPE = 'text/plain';
const envelope = signEnvelope(TYPE, Buffer.from('hello'), privateKey);
const [signature = { sig: '' }] = envelope.signatures;

const withReason = (reason: string): unknown => expect.objectContaining({ name: 'SignatureError', reason });

describe('pae', () => {
  it('is the example of the DSSE protocol', () => {
    const encoded = pae('http://example.com/HelloWorld', Buffer.from('hello world'));
    expect(encoded.toString()).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world');
  });

  it('counts bytes, not characters', () => {
    expect(pae('é', Buffer.from('€')).toString()).toBe('DSSEv1 2 é 3 €');
  });
});

describe('an envelope', () => {
  it.each(['P-256', 'P-384', 'P-521'])('is verified with the key on %s that signed it', (namedCurve) => {
    const keys = generateKeyPairSync('ec', { namedCurve });
    const signed = signEnvelope(TYPE, Buffer.from('hello'), keys.privateKey);
    const verified = verifyEnvelope(signed, [stranger, keys.publicKey]);
    expect(verified).toEqual({ payloadType: TYPE, payload: Buffer.from('hello'), keyId: keyId(keys.publicKey) });
  });

  it.each([
    ['absent', {}],
    ['null', { keyid: null }],
    ['empty', { keyid: '' }],
    ['of another tool', { keyid: 'SHA256:abc' }],
  ])('is verified when keyid is %s', (_, field) => {
    const signed = { ...envelope, signatures: [{ sig: signature.sig, ...field }] };
    expect(verifyEnvelope(signed, [publicKey]).keyId).toBe(keyId(publicKey));
  });

  it('is verified when one of several signatures is of a trusted key', () => {
    const other = signEnvelope(TYPE, Buffer.from('hello'), loadPrivateKey(generateSigningKey().privateKeyPem));
    const signed = { ...envelope, signatures: [...other.signatures, signature] };
    expect(verifyEnvelope(signed, [publicKey]).keyId).toBe(keyId(publicKey));
  });

  it.each([
    ['another payload', { payload: Buffer.from('hellp').toString('base64') }],
    ['another type', { payloadType: 'text/html' }],
    ['another signature', { signatures: signEnvelope(TYPE, Buffer.from('other'), privateKey).signatures }],
    ['a signature that is not DER', { signatures: [{ ...signature, sig: 'AAAA' }] }],
  ])('is refused with %s', (_, change) => {
    expect(() => verifyEnvelope({ ...envelope, ...change }, [publicKey])).toThrow(withReason('bad-signature'));
  });

  it('is refused when its signer is not trusted, and when nobody is', () => {
    expect(() => verifyEnvelope(envelope, [stranger])).toThrow(withReason('unknown-key'));
    expect(() => verifyEnvelope(envelope, [])).toThrow(withReason('unknown-key'));
  });

  it.each<[string, unknown]>([
    ['no object', 'text'],
    ['null', null],
    ['a list', [envelope]],
    ['without a payload', { ...envelope, payload: undefined }],
    ['without signatures', { ...envelope, signatures: [] }],
    ['with too many signatures', { ...envelope, signatures: Array(17).fill(signature) }],
    ['with a signature of another shape', { ...envelope, signatures: ['AAAA'] }],
    ['with a keyid that is a number', { ...envelope, signatures: [{ ...signature, keyid: 1 }] }],
    ['with base64 that has white space', { ...envelope, payload: `${envelope.payload} ` }],
    ['with base64 that lacks its padding', { ...envelope, payload: envelope.payload.replace(/=+$/, '') }],
    ['with base64 that has stray bits', { ...envelope, payload: 'aGVsbG9=' }],
    ['with a payload over the limit', { ...envelope, payload: 'A'.repeat(16 * 1024 * 1024 + 4) }],
  ])('is refused when it is %s', (_, given) => {
    expect(() => verifyEnvelope(given, [publicKey])).toThrow(withReason('malformed'));
  });
});
