import { currentTraceId } from '@baton/telemetry';
import { STATUS_CODES } from 'node:http';
import type { FieldProblem, ServiceError } from './service-error.js';

/** Body of an error answer (RFC 9457, `application/problem+json`). */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly instance?: string;
  readonly errors?: readonly FieldProblem[];
  readonly traceId?: string;
}

/**
 * @param instance path of the request
 * @param traceId default: of the active span
 */
export function problemOf(error: ServiceError, instance?: string, traceId = currentTraceId()): ProblemBody {
  return {
    type: `https://baton.dev/problems/${error.code}`,
    title: STATUS_CODES[error.status] ?? 'Error',
    status: error.status,
    detail: error.message,
    code: error.code,
    ...(instance ? { instance } : {}),
    ...(error.errors.length > 0 ? { errors: error.errors } : {}),
    ...(traceId ? { traceId } : {}),
  };
}
