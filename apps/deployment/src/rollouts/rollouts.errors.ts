import { invalidRequest, ServiceError } from '@baton/service';

export function deploymentNotFound(deployment: string): ServiceError {
  return new ServiceError('deployment-not-found', `there is no deployment ${deployment}`, { status: 404 });
}

/** Thrown for a version that is not approved, or whose approval doesn't hold. */
export function deploymentRefused(deployment: string, reason: string): ServiceError {
  return new ServiceError('deployment-refused', `${reason} (deployment ${deployment})`, { status: 409 });
}

export function deploymentRunning(endpoint: string, deployment: string): ServiceError {
  const detail = `the deployment ${deployment} of the endpoint ${endpoint} is not finished yet`;
  return new ServiceError('deployment-running', detail, { status: 409 });
}

export function idempotencyKeyReused(): ServiceError {
  const detail = 'the Idempotency-Key was used for another request';
  return new ServiceError('idempotency-key-reused', detail, { status: 422 });
}

export function badField(field: string, message: string): ServiceError {
  return invalidRequest([{ field, message }]);
}
