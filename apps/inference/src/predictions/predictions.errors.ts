import { ServiceError } from '@baton/service';

const MAX_REASON = 500;

/** Thrown for an endpoint that this replica does not serve, and for one of a project that the caller can't see. */
export function endpointNotFound(endpoint: string): ServiceError {
  return new ServiceError('endpoint-not-found', `there is no endpoint ${endpoint} here`, { status: 404 });
}

export function versionNotServed(endpoint: string, version: string, served: readonly number[]): ServiceError {
  const has = served.length > 0 ? `it serves ${served.join(', ')}` : 'it serves none';
  const which = version === '' ? 'no version' : `no version ${version}`;
  return new ServiceError('version-not-served', `${endpoint} has ${which} here: ${has}`, { status: 404 });
}

/** Thrown for an endpoint whose first version is on its way. */
export function notLoaded(endpoint: string): ServiceError {
  return new ServiceError('not-loaded', `${endpoint} has no version that is loaded yet; try again soon`, {
    status: 503,
    retriable: true,
    retryAfterSeconds: 1,
  });
}

/** Thrown when the runtime gives up on inputs of the right form: an index that leads nowhere, say. */
export function runFailed(cause: unknown): ServiceError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const detail = `the model could not be run on these inputs: ${reason.slice(0, MAX_REASON)}`;
  return new ServiceError('run-failed', detail, { status: 400, cause });
}
