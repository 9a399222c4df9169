import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { SignatureError } from './signature-error.js';

/** What ECDSA hashes with, by the curve of the key (OpenSSF Model Signing, section on keys). */
const hashOfCurve: Readonly<Record<string, string>> = {
  prime256v1: 'sha256',
  secp384r1: 'sha384',
  secp521r1: 'sha512',
};

export interface SigningKeyPair {
  /** PKCS #8. */
  readonly privateKeyPem: string;
  /** SubjectPublicKeyInfo. */
  readonly publicKeyPem: string;
}

/** A new key on P-256. */
export function generateSigningKey(): SigningKeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

/**
 * @param pemOrFile the key as PEM (PKCS #8 or SEC 1, not encrypted), or the path of a file with it
 * @throws SignatureError `bad-key`; the message never has any of the key in it
 */
export function loadPrivateKey(pemOrFile: string): KeyObject {
  return load(pemOrFile, 'private key', createPrivateKey);
}

/**
 * @param pemOrFile the key as PEM, or the path of a file with it. Of a private key its public half is taken.
 * @throws SignatureError `bad-key`
 */
export function loadPublicKey(pemOrFile: string): KeyObject {
  return load(pemOrFile, 'public key', createPublicKey);
}

/**
 * What a key is called: hex SHA-256 of its PEM SubjectPublicKeyInfo with the trailing newline, the `hint` of a Model
 * Signing bundle. A private key has the id of its public half.
 */
export function keyId(key: KeyObject): string {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  // By way of JWK the point is written out in full: a PEM with a compressed point would have an id of its own, which
  // the reference tool does not know.
  const plain = createPublicKey({ key: publicKey.export({ format: 'jwk' }), format: 'jwk' });
  return createHash('sha256')
    .update(plain.export({ type: 'spki', format: 'pem' }))
    .digest('hex');
}

/** The hash that goes with the key's curve. @throws SignatureError `bad-key` for any other key */
export function signatureHash(key: KeyObject): string {
  const hash = hashOfCurve[key.asymmetricKeyDetails?.namedCurve ?? ''];
  if (hash === undefined) throw new SignatureError('bad-key', 'the key is not on the curve P-256, P-384 or P-521');
  return hash;
}

function load(pemOrFile: string, what: string, parse: (pem: string) => KeyObject): KeyObject {
  const isPem = pemOrFile.trimStart().startsWith('-----BEGIN ');
  const named = isPem ? `the ${what}` : `the ${what} in ${pemOrFile}`;
  const pem = isPem ? pemOrFile : read(pemOrFile, named);
  if (pem.includes('ENCRYPTED')) throw new SignatureError('bad-key', `${named} is encrypted`);
  let key: KeyObject;
  try {
    key = parse(pem);
  } catch {
    // The cause is left out: a parser's error could quote the key.
    throw new SignatureError('bad-key', `${named} is not a key in PEM`);
  }
  signatureHash(key);
  return key;
}

function read(file: string, named: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new SignatureError('bad-key', `${named} cannot be read`, { cause });
  }
}
