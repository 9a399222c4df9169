import { ServiceError } from '@baton/service';

/** Thrown when the registry doesn't answer as it should; the reference may be had later. */
export class RegistryAwayError extends ServiceError {
  constructor(digest: string, cause: unknown) {
    super('registry-away', `the reference ${digest} can't be had from the registry now`, {
      status: 503,
      retriable: true,
      retryAfterSeconds: 5,
      cause,
    });
  }
}

/** Thrown when a reference will not become usable by trying again. */
export class UnusableReferenceError extends Error {
  override readonly name = 'UnusableReferenceError';

  constructor(
    readonly digest: string,
    readonly reason: string,
    /** SHA-256 of what came instead. */
    readonly actual?: string,
  ) {
    super(`reference ${digest}: ${reason}`);
  }
}
