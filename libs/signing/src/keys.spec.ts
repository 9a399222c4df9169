import { createHash, ECDH, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { generateSigningKey, keyId, loadPrivateKey, loadPublicKey, signatureHash } from './keys.js';

const folder = mkdtempSync(join(tmpdir(), 'baton-keys-'));
afterAll(() => rmSync(folder, { recursive: true }));

const pair = generateSigningKey();

function pemOf(namedCurve: string): string {
  return generateKeyPairSync('ec', { namedCurve }).privateKey.export({ type: 'sec1', format: 'pem' }).toString();
}

describe('keyId', () => {
  it('is the SHA-256 of the public PEM with its trailing newline', () => {
    expect(pair.publicKeyPem.endsWith('-----END PUBLIC KEY-----\n')).toBe(true);
    const expected = createHash('sha256').update(pair.publicKeyPem).digest('hex');
    expect(keyId(loadPublicKey(pair.publicKeyPem))).toBe(expected);
    expect(keyId(loadPrivateKey(pair.privateKeyPem))).toBe(expected);
  });

  it('does not depend on how the PEM was written', () => {
    const loose = `\n${pair.publicKeyPem.trim().replaceAll('\n', '\r\n')}`;
    expect(keyId(loadPublicKey(loose))).toBe(keyId(loadPublicKey(pair.publicKeyPem)));
  });
});

it('gives a key with a compressed point the id of the same key written out', () => {
  const { x = '', y = '' } = loadPublicKey(pair.publicKeyPem).export({ format: 'jwk' });
  const point = Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  const compressed = ECDH.convertKey(point, 'prime256v1', undefined, undefined, 'compressed') as Buffer;
  const algorithm = Buffer.from('3039301306072a8648ce3d020106082a8648ce3d030107032200', 'hex');
  const base64 = Buffer.concat([algorithm, compressed]).toString('base64');
  const pem = `-----BEGIN PUBLIC KEY-----\n${base64.replace(/.{64}/g, '$&\n')}\n-----END PUBLIC KEY-----\n`;
  expect(keyId(loadPublicKey(pem))).toBe(keyId(loadPublicKey(pair.publicKeyPem)));
});

describe('loading a key', () => {
  it('takes a PEM or the path of a file with one', () => {
    const path = join(folder, 'key.pem');
    writeFileSync(path, pair.privateKeyPem);
    expect(loadPrivateKey(path).equals(loadPrivateKey(pair.privateKeyPem))).toBe(true);
    expect(loadPublicKey(path).equals(loadPublicKey(pair.publicKeyPem))).toBe(true);
  });

  it.each([
    ['P-256', 'sha256'],
    ['P-384', 'sha384'],
    ['P-521', 'sha512'],
  ])('takes a key on %s, which signs with %s', (curve, hash) => {
    expect(signatureHash(loadPrivateKey(pemOf(curve)))).toBe(hash);
  });

  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const encrypted = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'x',
  });
  it.each([
    ['a key on another curve', pemOf('secp256k1'), 'P-256'],
    ['an RSA key', rsa.export({ type: 'pkcs8', format: 'pem' }).toString(), 'P-256'],
    ['an encrypted key', encrypted.toString(), 'encrypted'],
    ['a public key', pair.publicKeyPem, 'not a key'],
    ['no key at all', '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----', 'not a key'],
    ['a file that is not there', join(folder, 'nothing.pem'), 'nothing.pem'],
  ])('refuses %s as private key and says why', (_, given, why) => {
    const load = () => loadPrivateKey(given);
    expect(load).toThrow(expect.objectContaining({ reason: 'bad-key' }));
    expect(load).toThrow(why);
    expect(load).not.toThrow('c2VjcmV0');
  });
});
