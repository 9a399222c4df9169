import { ServiceError } from '@baton/service';

/** Also for an endpoint of a project that the caller can't see. */
export function endpointNotFound(endpoint: string): ServiceError {
  return new ServiceError('endpoint-not-found', `there is no endpoint ${endpoint}`, { status: 404 });
}

export function projectDiffers(endpoint: string, has: string, asked: string): ServiceError {
  const detail = `the endpoint ${endpoint} belongs to the project ${has}, not ${asked}`;
  return new ServiceError('project-differs', detail, { status: 409 });
}

export function projectForbidden(project: string): ServiceError {
  const detail = `this key may not make endpoints in the project ${project}`;
  return new ServiceError('project-forbidden', detail, { status: 403 });
}
