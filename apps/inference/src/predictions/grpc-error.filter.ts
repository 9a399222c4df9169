import { ErrorMapper } from '@baton/service';
import { createLogger } from '@baton/telemetry';
import { status } from '@grpc/grpc-js';
import { Catch, Injectable, type ExceptionFilter } from '@nestjs/common';
import { throwError, type Observable } from 'rxjs';

const log = createLogger('grpc');

const codes: Readonly<Record<number, status>> = {
  400: status.INVALID_ARGUMENT,
  401: status.UNAUTHENTICATED,
  403: status.PERMISSION_DENIED,
  404: status.NOT_FOUND,
  413: status.RESOURCE_EXHAUSTED,
  429: status.RESOURCE_EXHAUSTED,
  503: status.UNAVAILABLE,
  504: status.DEADLINE_EXCEEDED,
};

/** Answers every error as a status that the caller can act on; what is ours to mend goes to the log. */
@Catch()
@Injectable()
export class GrpcErrorFilter implements ExceptionFilter {
  constructor(private readonly errors: ErrorMapper) {}

  catch(exception: unknown): Observable<never> {
    const error = this.errors.map(exception);
    const code = codes[error.status] ?? status.INTERNAL;
    if (code === status.INTERNAL) log.error('a call failed', { error: error.cause ?? error });
    return throwError(() => ({ code, message: error.message }));
  }
}
