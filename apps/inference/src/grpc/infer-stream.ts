import { ServiceError } from '@baton/service';
import type { ServerDuplexStream, StatusObject } from '@grpc/grpc-js';
import { once, type EventEmitter } from 'node:events';
import type { TimedCall } from './call-deadline.js';
import { headerOfMetadata, type CallHeader } from './call-header.js';

/** What a stream is asked to hold at most before it waits for its answers. */
const MAX_REQUESTS = 64;
const MAX_BYTES = 64 * 1024 * 1024;

/** Messages of both directions: events `data`, `end`, `drain` and `cancelled`; an event `error` ends it with a status. */
export interface MessageStream extends EventEmitter {
  pause(): unknown;
  resume(): unknown;
  write(message: Buffer): boolean;
  end(): unknown;
}

/** A call of `ModelStreamInfer`, however it came. */
export interface InferStreamCall extends TimedCall {
  readonly header: CallHeader;
  /** What it came on, where calls of the same caller follow each other. */
  readonly connection?: object | undefined;
  readonly stream: MessageStream;
}

/** A call that gRPC's library has read. */
export function inferStreamCallOf(call: ServerDuplexStream<Buffer, Buffer>): InferStreamCall {
  return {
    header: headerOfMetadata(call.metadata),
    stream: call,
    isCancelled: () => call.cancelled,
    getDeadline: () => call.getDeadline(),
  };
}

export interface StreamWork {
  /** @throws Error which ends the stream: the caller is not let in any more */
  readonly answer: (bytes: Buffer) => Promise<Buffer>;
  readonly statusOf: (error: unknown) => StatusObject;
  readonly onEnd: () => void;
}

/** A stream of requests, answered side by side; answers leave in the order of their requests. */
export class InferStream {
  private requests = 0;
  private bytes = 0;
  private last: Promise<void> = Promise.resolve();
  private hasEnded = false;

  constructor(
    private readonly call: MessageStream,
    private readonly work: StreamWork,
  ) {
    call.on('data', (bytes: Buffer) => this.take(bytes));
    call.on('end', () => void this.last.then(() => this.end()));
    for (const event of ['cancelled', 'close']) call.on(event, () => this.end());
    // Whoever is gone does not want to hear of it.
    call.on('error', () => this.end());
  }

  /** What is on its way is answered, then the stream ends: the caller can go on elsewhere. */
  drain(): void {
    this.call.pause();
    this.call.removeAllListeners('data');
    void this.last.then(() => this.fail(stopping()));
  }

  fail(error: unknown): void {
    if (this.hasEnded) return;
    this.end(() => this.call.emit('error', this.work.statusOf(error)));
  }

  private take(bytes: Buffer): void {
    if (this.hasEnded) return;
    this.requests += 1;
    this.bytes += bytes.length;
    if (this.isFull) this.call.pause();
    const answer = this.work.answer(bytes);
    // It is looked at in its turn.
    answer.catch(() => undefined);
    this.last = this.last.then(() => this.send(answer, bytes.length)).catch((error: unknown) => this.fail(error));
  }

  private async send(answer: Promise<Buffer>, bytes: number): Promise<void> {
    const message = await answer;
    if (this.hasEnded) return;
    const isRoom = this.call.write(message);
    if (!isRoom) await this.room();
    this.requests -= 1;
    this.bytes -= bytes;
    if (!this.isFull) this.call.resume();
  }

  private get isFull(): boolean {
    return this.requests >= MAX_REQUESTS || this.bytes >= MAX_BYTES;
  }

  /** Until the caller has read what there is, or is gone. */
  private async room(): Promise<void> {
    const stop = new AbortController();
    const { signal } = stop;
    try {
      await Promise.race(['drain', 'cancelled', 'close'].map((event) => once(this.call, event, { signal })));
    } finally {
      stop.abort();
    }
  }

  private end(finish: () => void = () => this.call.end()): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.work.onEnd();
    finish();
  }
}

function stopping(): ServiceError {
  return new ServiceError('stopping', 'this replica stops; send the rest to another one', {
    status: 503,
    retriable: true,
  });
}
