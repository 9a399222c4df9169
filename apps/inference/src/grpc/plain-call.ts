import { ServiceError } from '@baton/service';
import type { StatusObject } from '@grpc/grpc-js';
import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { headerOf, type CallHeader } from './call-header.js';
import { limitTime } from './call-timeout.js';
import { MAX_MESSAGE_BYTES, type InferCall } from './infer-call.js';
import { framed, MessageReader, refuseRest } from './message-reader.js';
import { ANSWER_HEAD, OK_TRAILERS, statusHeaders, WITH_TRAILERS } from './status-headers.js';

export interface PlainCallParts {
  /** @param message `inference.ModelInferRequest` */
  readonly begin: (call: InferCall, message: Buffer) => void;
  readonly statusOf: (error: unknown) => StatusObject;
}

interface Reading {
  readonly headers: IncomingHttpHeaders;
  readonly messages: MessageReader;
  message?: Buffer;
}

/** A call that is read and answered on its stream of HTTP/2: of what gRPC's library does for it, that is a third. */
export class PlainCall implements InferCall {
  /** Until it has its outcome: the stream lives on until the next full collection of garbage, and this with it. */
  private reading: Reading | undefined;
  private readonly deadline: number;

  constructor(
    private readonly stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    private readonly parts: PlainCallParts,
  ) {
    this.reading = { headers, messages: new MessageReader(MAX_MESSAGE_BYTES) };
    this.deadline = limitTime(stream, headers, (error) => this.refuse(error));
    stream.on('data', (piece: Buffer) => this.trying(() => this.take(piece)));
    stream.on('end', () => this.trying(() => this.begin()));
  }

  readonly header: CallHeader = (name) => this.reading && headerOf(this.reading.headers, name);

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
    this.stream.respond(ANSWER_HEAD, WITH_TRAILERS);
    this.stream.end(framed(message));
  }

  fail(status: StatusObject): void {
    if (!this.end()) return;
    this.stream.respond({ ...ANSWER_HEAD, ...statusHeaders(status) }, { endStream: true });
    // What still comes of the request is not wanted (RFC 9113, 8.1).
    if (!this.stream.readableEnded) this.stream.close(constants.NGHTTP2_NO_ERROR);
  }

  private take(piece: Buffer): void {
    const { reading } = this;
    if (!reading) return;
    if (reading.message) throw notOne('something behind its message');
    reading.messages.add(piece);
    const message = reading.messages.next();
    if (message) reading.message = message;
  }

  private begin(): void {
    const { reading } = this;
    if (!reading) return;
    const { message, messages } = reading;
    if (!message) {
      refuseRest(messages);
      throw notOne('no message');
    }
    if (!messages.isEmpty) throw notOne('something behind its message');
    this.parts.begin(this, message);
  }

  private trying(step: () => void): void {
    try {
      step();
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
    return !this.isCancelled();
  }
}

function sendOk(this: ServerHttp2Stream): void {
  this.sendTrailers(OK_TRAILERS);
}

/** UNIMPLEMENTED is gRPC's word for a number of messages that the method does not take ("Status codes"). */
function notOne(what: string): ServiceError {
  return new ServiceError('not-one-message', `the call has ${what}: send exactly one`, { status: 501 });
}

function tooLargeAnswer(bytes: number): ServiceError {
  return new ServiceError('answer-too-large', `an answer of ${bytes} bytes; at most ${MAX_MESSAGE_BYTES} are sent`, {
    status: 413,
  });
}
