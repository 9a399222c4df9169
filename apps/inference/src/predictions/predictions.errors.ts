import { invalidRequest, ServiceError } from '@baton/service';

/** Thrown for an endpoint that this replica does not serve, and for one of a project that the caller can't see. */
export function endpointNotFound(endpoint: string): ServiceError {
  return new ServiceError('endpoint-not-found', `there is no endpoint ${endpoint} here`, { status: 404 });
}

export function versionNotServed(endpoint: string, version: string): ServiceError {
  return new ServiceError('version-not-served', `${endpoint} does not serve a version ${version}`, { status: 404 });
}

/** 400 that names the field, in the message too: a body of the Open Inference Protocol has nothing else. */
export function invalidField(field: string, message: string): ServiceError {
  const { status, errors, code } = invalidRequest([{ field, message }]);
  return new ServiceError(code, `${field}: ${message}`, { status, errors });
}

export function runFailed(cause: unknown): ServiceError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ServiceError('run-failed', `the model could not be run on these inputs: ${reason}`, {
    status: 400,
    cause,
  });
}

/** Thrown when a prediction cannot be recorded: without its record no answer leaves. */
export function notRecorded(cause: unknown): ServiceError {
  const detail = 'the prediction could not be recorded, so it is not answered; try again soon';
  return new ServiceError('not-recorded', detail, { status: 503, retryAfterSeconds: 2, cause });
}
