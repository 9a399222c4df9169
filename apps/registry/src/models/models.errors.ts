import { ServiceError } from '@baton/service';

/** Thrown for a model that is not there, and for one of a project that the caller can't see. */
export function modelNotFound(model: string): ServiceError {
  return new ServiceError('model-not-found', `there is no model ${model}`, { status: 404 });
}

/** Thrown when another project has a model of the name. */
export function modelNameTaken(model: string): ServiceError {
  const detail = `the name ${model} is taken by another project: choose another one`;
  return new ServiceError('model-name-taken', detail, { status: 409 });
}
