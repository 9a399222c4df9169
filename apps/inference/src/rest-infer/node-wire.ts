import type { IncomingMessage, ServerResponse } from 'node:http';
import { BodyCollector } from './body-collector.js';
import type { HttpWire, Received } from './http-wire.js';
import { readHead, type InferHead } from './infer-head.js';

const TOO_LARGE = 413;
/** For so long what is too large may go on coming, to nobody. */
const LINGER_MS = 2000;

/** A request that Node's HTTP server has read: whatever is not of the plain form that {@link PlainConnection} takes. */
export class NodeWire implements HttpWire {
  readonly head: InferHead;

  constructor(
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
  ) {
    this.head = readHead(request.rawHeaders);
  }

  get connection(): object {
    return this.request.socket;
  }

  collect(limit: number, received: Received): void {
    const collector = new BodyCollector(limit, this.head.contentLength, (body, isTooLarge) => {
      if (isTooLarge && !this.request.complete) this.afterTheRest(() => received(undefined, true));
      else received(body, isTooLarge);
    });
    this.request.on('data', (chunk: Buffer) => collector.take(chunk));
    this.request.on('end', () => collector.take(null));
  }

  /** To answer while a body still comes is to cut the connection, and with it the answer. */
  private afterTheRest(answer: () => void): void {
    const timer = setTimeout(answer, LINGER_MS).unref();
    this.request.once('end', () => {
      clearTimeout(timer);
      answer();
    });
  }

  answer(status: number, headers: readonly string[], body: string | Buffer): void {
    const fields = [...headers, 'content-length', String(Buffer.byteLength(body))];
    // What is still to come of it is too much to skip, and nothing can follow on this connection before it.
    if (status === TOO_LARGE && !this.request.complete) fields.push('connection', 'close');
    this.response.writeHead(status, fields);
    this.response.end(body);
  }
}
