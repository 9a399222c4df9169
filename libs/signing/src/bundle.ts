import type { KeyObject } from 'node:crypto';
import { verifyEnvelope, type SignedEnvelopeLike, type VerifiedEnvelope } from './dsse.js';
import { isObject, parseJson, toList, toObject, toText, type JsonObject } from './json-values.js';
import { keyId } from './keys.js';
import { SignatureError } from './signature-error.js';

const BUNDLE_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
/** A bundle lists every file of its model: some 200 bytes each. */
export const MAX_BUNDLE_BYTES = 16 * 1024 * 1024;

/** A Sigstore bundle, as OpenSSF Model Signing's key method writes it; saved as the model's `.sig` file. */
export interface SigstoreBundle {
  readonly mediaType: string;
  readonly verificationMaterial: {
    readonly publicKey: { readonly hint: string };
    readonly tlogEntries: readonly unknown[];
  };
  readonly dsseEnvelope: {
    readonly payload: string;
    readonly payloadType: string;
    readonly signatures: readonly { readonly sig: string; readonly keyid: string }[];
  };
}

export function makeBundle({ payload, payloadType, signatures }: SignedEnvelopeLike, hint: string): SigstoreBundle {
  return {
    mediaType: BUNDLE_TYPE,
    verificationMaterial: { publicKey: { hint }, tlogEntries: [] },
    // The id of the key is in the hint; the reference tool leaves keyid empty too.
    dsseEnvelope: { payload, payloadType, signatures: signatures.map(({ sig }) => ({ sig, keyid: '' })) },
  };
}

/**
 * Verifies the signature of a bundle, as an object, a text or the bytes of a `.sig` file.
 * @throws SignatureError `malformed`, `unsupported`, `unknown-key`, `bad-signature`
 */
export function verifyBundle(bundle: unknown, publicKeys: readonly KeyObject[]): VerifiedEnvelope {
  const { mediaType, verificationMaterial, dsseEnvelope } = readBundle(bundle);
  if (mediaType !== BUNDLE_TYPE) {
    throw new SignatureError(
      'unsupported',
      `the bundle is of the type ${toText(mediaType, 'mediaType')}, not ${BUNDLE_TYPE}`,
    );
  }
  const hint = readHint(toObject(verificationMaterial, 'verificationMaterial'));
  const envelope = toObject(dsseEnvelope, 'dsseEnvelope');
  toList(envelope['signatures'], 'signatures', [1, 1]);
  if (hint === undefined) return verifyEnvelope(envelope, publicKeys);
  const trusted = publicKeys.filter((key) => keyId(key) === hint);
  if (trusted.length === 0) throw new SignatureError('unknown-key', `the signer's key ${hint} is not trusted`);
  return verifyEnvelope({ ...envelope, signatures: withoutKeyId(envelope['signatures']) }, trusted);
}

function readBundle(bundle: unknown): JsonObject {
  const isText = typeof bundle === 'string' || Buffer.isBuffer(bundle);
  return toObject(isText ? parseJson(bundle, 'the bundle', MAX_BUNDLE_BYTES) : bundle, 'the bundle');
}

const otherMethods = { certificate: 'by way of Sigstore', x509CertificateChain: 'with a certificate' };

/** Undefined for bundles of before 1.1, which carried the key itself: it is not to be trusted and not read. */
function readHint(material: JsonObject): string | undefined {
  const { publicKey } = material;
  if (!isObject(publicKey)) {
    const [, other] = Object.entries(otherMethods).find(([field]) => material[field] !== undefined) ?? [];
    if (other === undefined) throw new SignatureError('malformed', 'verificationMaterial names no key');
    throw new SignatureError('unsupported', `the model is signed ${other}: only signatures with a key are supported`);
  }
  const { hint } = publicKey;
  return hint === undefined || hint === null || hint === '' ? undefined : toText(hint, 'hint', 256);
}

/** With the hint known, the envelope's own keyid says nothing; left in, it could only blur the error. */
function withoutKeyId(signatures: unknown): unknown {
  return Array.isArray(signatures)
    ? signatures.map((signature: unknown) => (isObject(signature) ? { sig: signature['sig'] } : signature))
    : signatures;
}
