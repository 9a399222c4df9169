import { createLogger } from '@baton/telemetry';
import { Catch, Injectable, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { throwError, type Observable } from 'rxjs';
import { ErrorMapper } from './error-mapper.js';
import { problemOf } from './problem.js';

const log = createLogger('http');

/** Answers every error of a REST route as problem+json; what is ours to mend goes to the log. */
@Catch()
@Injectable()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly errors: ErrorMapper) {}

  catch(exception: unknown, host: ArgumentsHost): Observable<never> | void {
    if (host.getType() !== 'http') return throwError(() => exception);
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const error = this.errors.map(exception);
    if (error.status >= 500 && !error.retriable) {
      log.error('a request failed', { method: request.method, path: pathOf(request), error: error.cause ?? error });
    }
    if (reply.sent) return;
    if (error.retryAfterSeconds !== undefined) void reply.header('retry-after', String(error.retryAfterSeconds));
    if (error.status === 401) void reply.header('www-authenticate', 'Bearer');
    void reply
      .status(error.status)
      .type('application/problem+json')
      .send(problemOf(error, pathOf(request)));
  }
}

/** Without the query, which may hold what is nobody's business. */
function pathOf(request: FastifyRequest): string {
  return request.url.split('?')[0] ?? '/';
}
