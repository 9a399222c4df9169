import type { StatusObject } from '@grpc/grpc-js';
import { EventEmitter } from 'node:events';
import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { headerOf, type CallHeader } from './call-header.js';
import { limitTime } from './call-timeout.js';
import { MAX_MESSAGE_BYTES } from './infer-call.js';
import type { InferStreamCall, MessageStream } from './infer-stream.js';
import { framed, MessageReader, refuseRest } from './message-reader.js';
import { ANSWER_HEAD, OK_TRAILERS, statusHeaders, WITH_TRAILERS } from './status-headers.js';

/**
 * A call of `ModelStreamInfer`, read and answered on its stream of HTTP/2. To who answers it, it is what it would be
 * from gRPC's library: its messages are events, and an event `error` ends it with that status.
 */
export class PlainStream extends EventEmitter implements InferStreamCall, MessageStream {
  readonly stream = this;
  private readonly messages = new MessageReader(MAX_MESSAGE_BYTES);
  private readonly deadline: number;
  private trailers: OutgoingHttpHeaders = OK_TRAILERS;
  private isPaused = false;
  /** Whether nothing more comes, which is told once. */
  private isAtEnd = false;
  private hasEnded = false;

  constructor(
    private readonly http2: ServerHttp2Stream,
    private readonly headers: IncomingHttpHeaders,
    private readonly statusOf: (error: unknown) => StatusObject,
  ) {
    super();
    this.deadline = limitTime(http2, headers, (error) => this.emit('error', statusOf(error)));
    http2.on('data', (piece: Buffer) => this.messages.add(piece) ?? this.deliver());
    http2.on('end', () => {
      this.isAtEnd = true;
      this.deliver();
    });
    http2.on('drain', () => this.emit('drain'));
    // Before the end of its messages, which follows all the same.
    http2.on('aborted', () => this.emit('cancelled'));
    http2.on('close', () => this.emit('close'));
    http2.on('wantTrailers', () => http2.sendTrailers(this.trailers));
    this.on('error', (status: StatusObject) => this.finish(statusHeaders(status)));
  }

  readonly header: CallHeader = (name) => headerOf(this.headers, name);

  get connection(): object | undefined {
    return this.http2.session;
  }

  isCancelled(): boolean {
    return this.http2.destroyed || this.http2.closed;
  }

  getDeadline(): number {
    return this.deadline;
  }

  pause(): void {
    this.isPaused = true;
    this.http2.pause();
  }

  resume(): void {
    this.isPaused = false;
    this.deliver();
    if (!this.isPaused) this.http2.resume();
  }

  /** @returns whether the caller keeps up; `drain` tells when he does again */
  write(message: Buffer): boolean {
    if (this.hasEnded || this.isCancelled()) return true;
    this.respond();
    return this.http2.write(framed(message));
  }

  end(): void {
    this.finish(OK_TRAILERS);
  }

  private deliver(): void {
    try {
      while (!this.isPaused && !this.hasEnded) {
        const message = this.messages.next();
        if (!message) break;
        this.emit('data', message);
      }
      if (!this.isAtEnd || this.isPaused || this.hasEnded) return;
      this.isAtEnd = false;
      refuseRest(this.messages);
      this.emit('end');
    } catch (error) {
      this.emit('error', this.statusOf(error));
    }
  }

  private respond(): void {
    if (!this.http2.headersSent) this.http2.respond(ANSWER_HEAD, WITH_TRAILERS);
  }

  /** What still comes is read and dropped: the caller learns from the trailers that nobody wants it. */
  private finish(trailers: OutgoingHttpHeaders): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    if (this.isCancelled()) return;
    this.http2.removeAllListeners('data').resume();
    this.trailers = trailers;
    this.respond();
    this.http2.end();
  }
}
