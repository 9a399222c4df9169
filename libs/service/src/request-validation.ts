import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { ServiceError, type FieldProblem } from './service-error.js';

/** Checks bodies and queries against their classes; an unknown field is an error, since it is mostly a typing mistake. */
export function requestValidation(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    stopAtFirstError: false,
    exceptionFactory: (errors) => invalidRequest(errors.flatMap((error) => fieldsOf(error, ''))),
  });
}

/** 400 that names each field and what it must be. */
export function invalidRequest(errors: readonly FieldProblem[]): ServiceError {
  const named = [...new Set(errors.map(({ field }) => field))].join(', ');
  return new ServiceError('invalid-request', `the request is not valid: ${named}`, { status: 400, errors });
}

function fieldsOf(error: ValidationError, prefix: string): FieldProblem[] {
  const field = prefix ? `${prefix}.${error.property}` : error.property;
  const own = Object.values(error.constraints ?? {}).map((message) => ({ field, message }));
  return [...own, ...(error.children ?? []).flatMap((child) => fieldsOf(child, field))];
}
