import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toSpans } from './otlp-json.js';
import { toSpansOfProtobuf } from './otlp-protobuf.js';
import type { ReceivedSpan } from './received-span.js';

/** Bytes of one export that are read at most. */
const MAX_BODY = 32 * 1024 * 1024;
const JSON_TYPE = 'application/json';
const PROTOBUF_TYPE = 'application/x-protobuf';

export interface TraceReceiverOptions {
  /** 0 takes any free port. */
  readonly port?: number;
  readonly host?: string;
  /** The oldest spans go when there are more. */
  readonly maxSpans?: number;
  /** Base URL of a collector that every export is handed on to. */
  readonly forwardTo?: string;
}

/**
 * Receives traces by OTLP/HTTP (`POST /v1/traces`, in JSON or protocol buffers) and keeps the last ones in memory, for a machine
 * without a collector and for tests. `GET /traces/{traceId}` gives `{spans}`.
 */
export class TraceReceiver {
  private readonly kept: ReceivedSpan[] = [];
  private readonly waiting = new Set<() => void>();
  private readonly server: Server;

  private constructor(private readonly options: TraceReceiverOptions) {
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  static async start(options: TraceReceiverOptions = {}): Promise<TraceReceiver> {
    const receiver = new TraceReceiver(options);
    await new Promise<void>((done, failed) => {
      receiver.server.once('error', failed);
      receiver.server.listen(options.port ?? 0, options.host ?? '127.0.0.1', done);
    });
    return receiver;
  }

  /** What `OTEL_EXPORTER_OTLP_ENDPOINT` takes. */
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  spans(traceId?: string): readonly ReceivedSpan[] {
    return traceId === undefined ? this.kept : this.kept.filter((span) => span.traceId === traceId);
  }

  /** Resolves as soon as the spans fulfil the condition. @throws Error after `timeoutMs`, telling what was there */
  async waitFor(
    condition: (spans: readonly ReceivedSpan[]) => boolean,
    timeoutMs = 15_000,
  ): Promise<readonly ReceivedSpan[]> {
    const deadline = Date.now() + timeoutMs;
    while (!condition(this.kept)) {
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`the spans waited for did not come; there are: ${this.summary()}`);
      await this.nextArrival(left);
    }
    return this.kept;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  private nextArrival(timeoutMs: number): Promise<void> {
    return new Promise((done) => {
      const wake = () => {
        clearTimeout(timer);
        this.waiting.delete(wake);
        done();
      };
      const timer = setTimeout(wake, timeoutMs);
      this.waiting.add(wake);
    });
  }

  private summary(): string {
    return [...new Set(this.kept.map((span) => `${span.service}: ${span.name}`))].join(', ') || 'none';
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/';
    if (request.method === 'GET' && path.startsWith('/traces/')) {
      reply(response, 200, { spans: this.spans(path.slice('/traces/'.length)) });
    } else if (request.method === 'POST' && path === '/v1/traces') {
      await this.receive(request, response);
    } else {
      reply(response, 404, { message: 'POST /v1/traces or GET /traces/{traceId}' });
    }
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const isProtobuf = request.headers['content-type']?.startsWith(PROTOBUF_TYPE) ?? false;
    try {
      const body = await read(request);
      this.keep(isProtobuf ? toSpansOfProtobuf(body) : toSpans(JSON.parse(body.toString('utf8'))));
      // An empty message is what protocol buffers say with no bytes.
      if (isProtobuf) response.writeHead(200, { 'content-type': PROTOBUF_TYPE, 'content-length': 0 }).end();
      else reply(response, 200, {});
      await this.forward(body, isProtobuf ? PROTOBUF_TYPE : JSON_TYPE);
    } catch (error) {
      reply(response, 400, { message: error instanceof Error ? error.message : String(error) });
    }
  }

  private keep(spans: readonly ReceivedSpan[]): void {
    for (const span of spans) this.kept.push(span);
    this.kept.splice(0, Math.max(0, this.kept.length - (this.options.maxSpans ?? 100_000)));
    this.waiting.forEach((wake) => wake());
  }

  /** A collector that is away costs its copy, not ours. */
  private async forward(body: Buffer, type: string): Promise<void> {
    if (!this.options.forwardTo) return;
    const headers = { 'content-type': type };
    await fetch(new URL('/v1/traces', this.options.forwardTo), { method: 'POST', headers, body }).catch(
      () => undefined,
    );
  }
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MAX_BODY) throw new Error(`an export is at most ${MAX_BODY} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent) return;
  response.writeHead(status, { 'content-type': JSON_TYPE }).end(JSON.stringify(body));
}
