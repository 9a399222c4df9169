/** Why a signature, or what it stands for, was not accepted. */
export type SignatureProblem =
  /** Not in the expected shape, or over a size limit. */
  | 'malformed'
  /** Well-formed, but of a kind that is not supported: another format version, hash or signing method. */
  | 'unsupported'
  /** A key file that cannot be read, or a key that is not on P-256, P-384 or P-521. */
  | 'bad-key'
  /** Made with a key that is not among the trusted ones. */
  | 'unknown-key'
  | 'bad-signature'
  /** The signature is good, but stands for another model or version. */
  | 'subject-mismatch'
  | 'digest-mismatch'
  /** Signed, but not there. */
  | 'missing-file'
  /** There, but not signed. */
  | 'unlisted-file';

/** Thrown when something is not signed as it should be; `reason` is for programs, the message for people. */
export class SignatureError extends Error {
  override readonly name = 'SignatureError';

  constructor(
    readonly reason: SignatureProblem,
    message: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
  }
}
