import type { VersionStatus } from '@baton/contracts';
import { ServiceError } from '@baton/service';

/** Thrown for a version that is not there, and for one of a project that the caller can't see. */
export function versionNotFound(model: string, version: number): ServiceError {
  return new ServiceError('version-not-found', `there is no version ${version} of ${model}`, { status: 404 });
}

export function ownVersion(): ServiceError {
  const detail = 'nobody decides on a version that he pushed himself: ask a second person';
  return new ServiceError('own-version', detail, { status: 403 });
}

export function alreadyDecided(status: VersionStatus): ServiceError {
  return new ServiceError('already-decided', `the version is ${status} already`, { status: 409 });
}

/** Thrown when an idempotency key comes again with another content. */
export function idempotencyKeyReused(): ServiceError {
  const detail = 'the Idempotency-Key was used for a push of something else: take a new one';
  return new ServiceError('idempotency-key-reused', detail, { status: 409 });
}

/** Thrown for a signature by a key that is not trusted; the detail names the key. */
export function unknownSigner(detail: string): ServiceError {
  return new ServiceError('unknown-signer', `signature: ${detail}; its public key must be among the trusted ones`, {
    status: 422,
    errors: [{ field: 'signature', message: detail }],
  });
}

/** A part of an upload that cannot be taken. */
export function invalidPart(field: string, message: string, status = 422): ServiceError {
  return new ServiceError(status === 413 ? 'too-large' : 'invalid-part', `${field}: ${message}`, {
    status,
    errors: [{ field, message }],
  });
}
