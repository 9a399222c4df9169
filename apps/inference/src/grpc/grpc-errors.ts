import { ErrorMapper, type ServiceError } from '@baton/service';
import { createLogger } from '@baton/telemetry';
import { Metadata, status, type StatusObject } from '@grpc/grpc-js';
import { Injectable } from '@nestjs/common';

const log = createLogger('grpc');

/** Trailers are headers, and those have a limit: what is quoted in a message does not. */
const MAX_MESSAGE = 1000;
/** When to try again, in gRPC's own words (its retry design, A6). */
const PUSHBACK = 'grpc-retry-pushback-ms';

const codes: Readonly<Record<number, status>> = {
  400: status.INVALID_ARGUMENT,
  401: status.UNAUTHENTICATED,
  403: status.PERMISSION_DENIED,
  404: status.NOT_FOUND,
  413: status.RESOURCE_EXHAUSTED,
  429: status.RESOURCE_EXHAUSTED,
  501: status.UNIMPLEMENTED,
  503: status.UNAVAILABLE,
  504: status.DEADLINE_EXCEEDED,
};

/** Turns every error into a status that the caller can act on; what is ours to mend goes to the log. */
@Injectable()
export class GrpcErrors {
  constructor(private readonly errors: ErrorMapper) {}

  statusOf(cause: unknown): StatusObject {
    const error = this.errors.map(cause);
    const code = codes[error.status] ?? status.INTERNAL;
    if (code === status.INTERNAL) log.error('a call failed', { error: error.cause ?? error });
    return { code, details: detailsOf(error), metadata: trailersOf(error) };
  }
}

/** A half of a pair would end the process: grpc-js encodes the message as a URI. */
function detailsOf({ message }: ServiceError): string {
  return message.slice(0, MAX_MESSAGE).toWellFormed();
}

function trailersOf({ retryAfterSeconds }: ServiceError): Metadata {
  const trailers = new Metadata();
  if (retryAfterSeconds !== undefined) trailers.set(PUSHBACK, String(retryAfterSeconds * 1000));
  return trailers;
}
