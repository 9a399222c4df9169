import { sign, verify, type KeyObject } from 'node:crypto';
import { decodeBase64 } from './base64.js';
import { toList, toObject, toText } from './json-values.js';
import { keyId, signatureHash } from './keys.js';
import { SignatureError } from './signature-error.js';

/** Characters of a payload in base64 that are read at most. */
const MAX_PAYLOAD = 16 * 1024 * 1024;
const MAX_SIGNATURES = 16;

/** A DSSE envelope in JSON. */
export interface SignedEnvelopeLike {
  payloadType: string;
  /** Base64. */
  payload: string;
  signatures: EnvelopeSignatureLike[];
}

export interface EnvelopeSignatureLike {
  readonly keyid?: string | null;
  /** Base64 of the DER signature. */
  readonly sig: string;
}

export interface VerifiedEnvelope {
  readonly payloadType: string;
  readonly payload: Buffer;
  /** The trusted key that it was verified with. */
  readonly keyId: string;
}

/** DSSE's Pre-Authentication Encoding, the bytes that are signed (github.com/secure-systems-lab/dsse, protocol.md). */
export function pae(payloadType: string, payload: Buffer): Buffer {
  const type = Buffer.from(payloadType);
  return Buffer.concat([Buffer.from(`DSSEv1 ${type.length} `), type, Buffer.from(` ${payload.length} `), payload]);
}

/** ECDSA with the hash of the key's curve, in DER, as base64. */
export function signBytes(bytes: Buffer, privateKey: KeyObject): string {
  return sign(signatureHash(privateKey), bytes, { key: privateKey, dsaEncoding: 'der' }).toString('base64');
}

/** Signs a payload of a media type. @throws SignatureError `bad-key` */
export function signEnvelope(payloadType: string, payload: Buffer, privateKey: KeyObject): SignedEnvelopeLike {
  const sig = signBytes(pae(payloadType, payload), privateKey);
  return { payloadType, payload: payload.toString('base64'), signatures: [{ keyid: keyId(privateKey), sig }] };
}

/**
 * Takes an envelope as signed when one of its signatures is of one of the keys. `keyid` is a hint nobody vouches for:
 * it only decides which error is thrown. What the payload is for is the caller's to check, by `payloadType`.
 * @throws SignatureError `malformed`, `unknown-key`, `bad-signature`
 */
export function verifyEnvelope(envelope: unknown, publicKeys: readonly KeyObject[]): VerifiedEnvelope {
  const { payloadType, payload, signatures } = readEnvelope(envelope);
  const bytes = decodeBase64(payload, 'the payload of the envelope');
  const key = findSigner(pae(payloadType, bytes), signatures, publicKeys);
  return { payloadType, payload: bytes, keyId: keyId(key) };
}

/** The first of the keys that made one of the signatures. @throws SignatureError `unknown-key`, `bad-signature` */
export function findSigner(
  bytes: Buffer,
  signatures: readonly EnvelopeSignatureLike[],
  publicKeys: readonly KeyObject[],
): KeyObject {
  for (const { sig } of signatures) {
    const signature = decodeBase64(sig, 'the signature');
    const signer = publicKeys.find((key) => verify(signatureHash(key), bytes, { key, dsaEncoding: 'der' }, signature));
    if (signer) return signer;
  }
  const trusted = publicKeys.map(keyId);
  if (signatures.some(({ keyid }) => !keyid || trusted.includes(keyid))) {
    throw new SignatureError('bad-signature', 'the signature does not match what it is said to be for');
  }
  throw new SignatureError('unknown-key', `no trusted key has the id ${signatures.map(({ keyid }) => keyid).join()}`);
}

function readEnvelope(value: unknown): SignedEnvelopeLike {
  const envelope = toObject(value, 'the envelope');
  return {
    payloadType: toText(envelope['payloadType'], 'payloadType', 256),
    payload: toText(envelope['payload'], 'the payload of the envelope', MAX_PAYLOAD),
    signatures: toList(envelope['signatures'], 'signatures', [1, MAX_SIGNATURES]).map(readSignature),
  };
}

/** @throws SignatureError `malformed` */
export function readSignature(value: unknown): EnvelopeSignatureLike {
  const { keyid, sig } = toObject(value, 'the signature');
  if (keyid !== undefined && keyid !== null && (typeof keyid !== 'string' || keyid.length > 256)) {
    throw new SignatureError('malformed', 'keyid is not a text of up to 256 characters');
  }
  return { keyid, sig: toText(sig, 'sig', 1024) };
}
