import { ServiceError } from '@baton/service';

/** Thrown for what no serving plan has, and for an endpoint of a project that the caller can't see. */
export function notPlanned(endpoint: string): ServiceError {
  const detail = `'${endpoint}' is not in the serving plan: deploy a version to it first`;
  return new ServiceError('not-planned', detail, { status: 400 });
}

/** Thrown when a version of the plan was looked at and will not be served. */
export function loadRefused(endpoint: string, version: number, reason: string): ServiceError {
  return new ServiceError('load-refused', `failed to load '${endpoint}': version ${version}: ${reason}`, {
    status: 400,
  });
}

export function loadTookTooLong(endpoint: string, timeoutMs: number): ServiceError {
  return new ServiceError('not-loaded', `${endpoint} was not loaded within ${timeoutMs} ms; it goes on loading`, {
    status: 503,
    retriable: true,
    retryAfterSeconds: 1,
  });
}

/** Thrown for a model or settings that come with the request: what is served is decided by whoever deploys. */
export function ownModelRefused(parameter: string): ServiceError {
  const detail = `${parameter}: a model is loaded as the serving plan has it, not from the request`;
  return new ServiceError('not-planned', detail, { status: 400 });
}
