import { ServiceError } from '@baton/service';

/** Thrown for a version or alias that the registry has not told of, and for one of a project the caller can't see. */
export function versionNotFound(what: string): ServiceError {
  const detail = `${what} is not known here. If it was made a moment ago, word of it may still be on its way: try again.`;
  return new ServiceError('version-not-found', detail, { status: 404, retryAfterSeconds: 1 });
}
