import { ServiceError } from '@baton/service';
import type { StatusObject } from '@grpc/grpc-js';
import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { CallHeader } from './call-header.js';
import { readTimeout } from './call-timeout.js';
import { MAX_MESSAGE_BYTES, type InferCall } from './infer-call.js';
import { framed, UnaryMessage } from './unary-message.js';

const PATH = '/inference.GRPCInferenceService/ModelInfer';
const TYPES: readonly (string | undefined)[] = ['application/grpc', 'application/grpc+proto'];

const HEAD = {
  ':status': 200,
  'content-type': 'application/grpc+proto',
  'grpc-accept-encoding': 'identity,deflate,gzip',
};
/** Timers take no more. */
const MAX_TIMER_MS = 2 ** 31 - 1;
const WITH_TRAILERS = { waitForTrailers: true, sendDate: false };
const OK = { 'grpc-status': '0' };

export interface PlainCallParts {
  /** @param message `inference.ModelInferRequest` */
  readonly begin: (call: InferCall, message: Buffer) => void;
  readonly statusOf: (error: unknown) => StatusObject;
}

/** Whether a call is `ModelInfer` without anything that few clients use, such as compression. */
export function isPlainCall(headers: IncomingHttpHeaders): boolean {
  const { 'grpc-encoding': encoding = 'identity', 'grpc-timeout': timeout } = headers;
  return (
    headers[':path'] === PATH &&
    headers[':method'] === 'POST' &&
    TYPES.includes(headers['content-type']) &&
    encoding === 'identity' &&
    (timeout === undefined || readTimeout(String(timeout)) !== undefined)
  );
}

/** A call that is read and answered on its stream of HTTP/2: of what gRPC's library does for it, that is a third. */
export class PlainCall implements InferCall {
  /** Until it has its outcome: the stream lives on until the next full collection of garbage, and this with it. */
  private reading: { readonly headers: IncomingHttpHeaders; readonly message: UnaryMessage } | undefined;
  private readonly deadline: number;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    private readonly parts: PlainCallParts,
  ) {
    this.reading = { headers, message: new UnaryMessage(MAX_MESSAGE_BYTES) };
    this.deadline = this.limit(headers['grpc-timeout']);
    stream.on('data', (piece: Buffer) => this.take(piece));
    stream.on('end', () => this.begin());
  }

  readonly header: CallHeader = (name) => {
    const value = this.reading?.headers[name];
    return typeof value === 'string' ? value : value?.[0];
  };

  get connection(): object | undefined {
    return this.stream.session;
  }

  isCancelled(): boolean {
    return this.stream.destroyed || this.stream.closed;
  }

  getDeadline(): number {
    return this.deadline;
  }

  answer(message: Buffer): void {
    if (message.length > MAX_MESSAGE_BYTES) return this.refuse(tooLargeAnswer(message.length));
    if (!this.end()) return;
    this.stream.on('wantTrailers', sendOk);
    this.stream.respond(HEAD, WITH_TRAILERS);
    this.stream.end(framed(message));
  }

  fail({ code, details, metadata }: StatusObject): void {
    if (!this.end()) return;
    const status = { 'grpc-status': String(code), 'grpc-message': encodeURI(details) };
    this.stream.respond({ ...HEAD, ...metadata.toHttp2Headers(), ...status }, { endStream: true });
    // What still comes of the request is not wanted (RFC 9113, 8.1).
    if (!this.stream.readableEnded) this.stream.close(constants.NGHTTP2_NO_ERROR);
  }

  private take(piece: Buffer): void {
    try {
      this.reading?.message.add(piece);
    } catch (error) {
      this.refuse(error);
    }
  }

  private begin(): void {
    try {
      const message = this.reading?.message.finish();
      if (message) this.parts.begin(this, message);
    } catch (error) {
      this.refuse(error);
    }
  }

  private refuse(error: unknown): void {
    this.fail(this.parts.statusOf(error));
  }

  /** @returns whether somebody still waits for the outcome */
  private end(): boolean {
    if (!this.reading) return false;
    this.reading = undefined;
    clearTimeout(this.timer);
    return !this.isCancelled();
  }

  private limit(timeout: string | string[] | undefined): number {
    const timeoutMs = timeout === undefined ? undefined : readTimeout(String(timeout));
    if (timeoutMs === undefined) return Infinity;
    this.timer = setTimeout(() => this.refuse(tooLate()), Math.min(timeoutMs, MAX_TIMER_MS));
    this.stream.on('close', () => clearTimeout(this.timer));
    return Date.now() + timeoutMs;
  }
}

function sendOk(this: ServerHttp2Stream): void {
  this.sendTrailers(OK);
}

function tooLate(): ServiceError {
  return new ServiceError('timeout', 'the deadline of the call passed before it was answered', { status: 504 });
}

function tooLargeAnswer(bytes: number): ServiceError {
  return new ServiceError('answer-too-large', `an answer of ${bytes} bytes; at most ${MAX_MESSAGE_BYTES} are sent`, {
    status: 413,
  });
}
