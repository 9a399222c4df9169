import type { IntegritySubject } from '@baton/contracts';

/** Thrown when bytes, a signature or an attestation do not match: what it is about is refused, however often it is tried. */
export class IntegrityError extends Error {
  override readonly name = 'IntegrityError';

  constructor(
    readonly kind: IntegritySubject,
    message: string,
    readonly expected?: string,
    readonly actual?: string,
  ) {
    super(message);
  }
}
