export { MAX_BUNDLE_BYTES, type SigstoreBundle } from './bundle.js';
export { canonicalJson } from './canonical-json.js';
export { PLAN_TYPE, signDetached, verifyDetached, type DetachedSignature } from './detached.js';
export {
  pae,
  signEnvelope,
  verifyEnvelope,
  type EnvelopeSignatureLike,
  type SignedEnvelopeLike,
  type VerifiedEnvelope,
} from './dsse.js';
export { hashFile, HashingStream, type HashedBytes } from './hashing.js';
export { generateSigningKey, keyId, loadPrivateKey, loadPublicKey, type SigningKeyPair } from './keys.js';
export { signModelFolder, verifyModelFolder, type FolderOptions } from './model-folder.js';
export { signModel, verifyModelSignature, type VerifiedModel } from './model-signature.js';
export { signRelease, verifyRelease, type Release, type ReleaseFile } from './release.js';
export { rootDigest, type NamedDigest } from './root-digest.js';
export { SignatureError, type SignatureProblem } from './signature-error.js';
