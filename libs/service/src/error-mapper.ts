import { HttpException, Injectable } from '@nestjs/common';
import { ServiceError } from './service-error.js';

/** Tells what an error means to a caller, or undefined when it is none of its own. */
export type ErrorMap = (error: unknown) => ServiceError | undefined;

const INTERNAL = 'something went wrong here; the trace id leads to what it was';
const INTERNAL_STATUS = 500;
const codes: Readonly<Record<number, string>> = {
  400: 'bad-request',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not-found',
  405: 'method-not-allowed',
  408: 'timeout',
  409: 'conflict',
  410: 'gone',
  413: 'too-large',
  414: 'too-long',
  415: 'unsupported-media-type',
  422: 'unprocessable',
  429: 'too-many-requests',
  503: 'unavailable',
};

/** Turns every error into a ServiceError, once per edge. Libraries add what they know. */
@Injectable()
export class ErrorMapper {
  private readonly maps: ErrorMap[] = [];

  add(map: ErrorMap): void {
    this.maps.push(map);
  }

  map(error: unknown): ServiceError {
    if (error instanceof ServiceError) return error;
    for (const map of this.maps) {
      const known = map(error);
      if (known) return known;
    }
    return fromHttpException(error) ?? fromFastify(error) ?? internal(error);
  }
}

function fromHttpException(error: unknown): ServiceError | undefined {
  if (!(error instanceof HttpException)) return undefined;
  const status = error.getStatus();
  // What went wrong inside is told to nobody outside, whatever it is wrapped in.
  if (status === INTERNAL_STATUS) return internal(error);
  return new ServiceError(codeOf(status), error.message, { status, cause: error });
}

/** Fastify and its plugins mark what the caller did wrong with a status below 500. */
function fromFastify(error: unknown): ServiceError | undefined {
  if (!(error instanceof Error) || !('statusCode' in error) || typeof error.statusCode !== 'number') return undefined;
  // Clients of other services carry a status in their errors too, which is not the one of this answer.
  if (!('code' in error) || typeof error.code !== 'string' || !error.code.startsWith('FST_')) return undefined;
  const status = error.statusCode;
  return status < 400 || status >= INTERNAL_STATUS
    ? undefined
    : new ServiceError(codeOf(status), error.message, { status, cause: error });
}

function internal(error: unknown): ServiceError {
  return new ServiceError('internal', INTERNAL, { status: INTERNAL_STATUS, cause: error });
}

function codeOf(status: number): string {
  return codes[status] ?? `http-${status}`;
}
