import type { KeyObject } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';
import { findSigner, pae, readSignature, signBytes } from './dsse.js';
import { keyId } from './keys.js';

/** Media type that a serving plan is signed as. */
export const PLAN_TYPE = 'application/vnd.baton.serving-plan+json';

export interface DetachedSignature {
  readonly keyid: string;
  /** Base64 of the DER signature. */
  readonly sig: string;
}

/**
 * Signs a value that stays readable JSON: the signature is over DSSE's encoding of the media type and the value's
 * canonical JSON, and travels beside the value.
 * @throws SignatureError `malformed` when the value has no canonical JSON
 */
export function signDetached(type: string, value: object, privateKey: KeyObject): DetachedSignature {
  return { keyid: keyId(privateKey), sig: signBytes(encode(type, value), privateKey) };
}

/**
 * Verify the value as it was received, without its signature: a validator that drops fields it does not know changes
 * what was signed.
 * @throws SignatureError `malformed`, `unknown-key`, `bad-signature`
 */
export function verifyDetached(
  type: string,
  value: object,
  signature: unknown,
  publicKeys: readonly KeyObject[],
): { readonly keyId: string } {
  return { keyId: keyId(findSigner(encode(type, value), [readSignature(signature)], publicKeys)) };
}

function encode(type: string, value: object): Buffer {
  return pae(type, Buffer.from(canonicalJson(value)));
}
