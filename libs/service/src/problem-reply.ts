import { createLogger, currentTraceId } from '@baton/telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { randomBytes } from 'node:crypto';
import { problemOf } from './problem.js';
import type { ServiceError } from './service-error.js';

const log = createLogger('http');

/** Answers a request with an error; what is ours to mend goes to the log, under the trace id that the caller gets. */
export function replyWithProblem(request: FastifyRequest, reply: FastifyReply, error: ServiceError): void {
  const ours = error.status >= 500 && !error.retriable;
  const traced = currentTraceId();
  // Where nothing is traced, the id still leads from the answer to the log entry.
  const traceId = traced ?? (ours ? randomBytes(16).toString('hex') : undefined);
  const path = pathOf(request);
  if (ours) {
    const id = traced ? {} : { trace_id: traceId };
    const fault = error.code === 'internal' ? error.cause : error;
    log.error('a request failed', { ...id, method: request.method, path, error: fault });
  }
  if (reply.sent) return;
  if (error.retryAfterSeconds !== undefined) void reply.header('retry-after', String(error.retryAfterSeconds));
  if (error.status === 401 && !reply.hasHeader('www-authenticate')) void reply.header('www-authenticate', 'Bearer');
  void reply
    .status(error.status)
    .type('application/problem+json')
    .send(problemOf(error, path, traceId));
}

/** Without the query, which may hold what is nobody's business. */
function pathOf(request: FastifyRequest): string {
  return request.url.split('?')[0] ?? '/';
}
