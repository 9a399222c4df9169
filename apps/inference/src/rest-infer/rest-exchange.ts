import { CHALLENGE, type Caller } from '@baton/access';
import type { Route } from '@baton/contracts';
import { ServiceError } from '@baton/service';
import { createLogger, requestTracer, type RequestTrace } from '@baton/telemetry';
import type { InferenceQuestion, Reply } from '../predictions/data-plane.js';
import { chooseEncoding, compress, decompress } from '../requests/compression.js';
import type { Answer } from '../requests/question.js';
import { headerLengthOf, readRestQuestion, writeRestAnswer, type AnswerForm } from '../requests/rest-messages.js';
import type { BatchArena } from '../runtime/batch-arena.js';
import { giveBack } from './give-back.js';
import type { HttpWire, Received } from './http-wire.js';
import type { InferHead } from './infer-head.js';
import type { InferTarget } from './infer-target.js';
import type { RestInfer } from './rest-infer.js';

const log = createLogger('http');

/** One inference over HTTP, from its head to the last byte of its answer. */
export class RestExchange implements Reply {
  private readonly since = performance.now();
  private readonly head: InferHead;
  private readonly trace: RequestTrace | undefined;
  /** How the answer is to be written; plain JSON of everything unless said. */
  private form: AnswerForm | undefined;
  private body: Buffer | undefined;
  private headerLength: number | undefined;

  constructor(
    private readonly parts: RestInfer,
    private readonly wire: HttpWire,
    private readonly target: InferTarget,
  ) {
    this.head = wire.head;
    this.trace = requestTracer.begin(this.head.traceparent, this.head.tracestate);
  }

  /** Whoever is not let in is told so before the body has come. */
  start(): void {
    const limit = this.parts.config.maxBodyBytes;
    let caller: Caller;
    try {
      caller = this.parts.letIn(this.wire.connection, this.head);
      this.headerLength = headerLengthOf(this.head.headerLength);
    } catch (error) {
      return this.failed(error);
    }
    const received: Received = (body, isTooLarge) => {
      if (isTooLarge) return this.failed(tooLarge(limit));
      const { contentEncoding } = this.head;
      if (contentEncoding === undefined || body === undefined) return this.ask(caller, body);
      decompress(body, contentEncoding, limit).then(
        (plain) => this.ask(caller, plain),
        (error: unknown) => this.failed(error),
      );
    };
    this.wire.collect(limit, received);
  }

  answered(answer: Answer): void {
    const { endpoint } = this.target;
    const template = this.parts.templateOf(endpoint, answer.route);
    const headers = ['content-type', 'application/json', 'baton-prediction-id', answer.prediction, ...template.headers];
    if (this.trace?.isSampled) headers.push('traceparent', this.trace.traceparent);
    try {
      if (!this.form) return this.send(200, headers, template.write(answer));
      const { body, headerLength } = writeRestAnswer(endpoint, answer, this.form);
      if (headerLength === undefined) return this.send(200, headers, body);
      headers[1] = 'application/octet-stream';
      this.send(200, [...headers, 'inference-header-content-length', String(headerLength)], body);
    } catch (error) {
      this.failed(error);
    }
  }

  failed(cause: unknown): void {
    const error = this.parts.errors.map(cause);
    const headers = ['content-type', 'application/json; charset=utf-8'];
    if (error.retryAfterSeconds !== undefined) headers.push('retry-after', String(error.retryAfterSeconds));
    if (error.status === 401) headers.push('www-authenticate', CHALLENGE);
    if (error.code === 'internal')
      log.error('an inference failed', { endpoint: this.target.endpoint, error: error.cause });
    this.wire.answer(error.status, headers, JSON.stringify({ error: error.message }));
  }

  private ask(caller: Caller, body: Buffer | undefined): void {
    this.body = body;
    const { endpoint, version } = this.target;
    const { since, trace, head } = this;
    this.parts.dataPlane.begin(
      {
        endpoint,
        version,
        caller,
        since,
        trace,
        stickyKey: head.stickyKey,
        read: (route, arena) => this.read(route, arena),
      },
      this,
    );
  }

  private read(route: Route, arena?: BatchArena): InferenceQuestion {
    const { body, headerLength } = this;
    const plain = body && headerLength === undefined ? this.parts.scannerOf(route).scan(body, arena) : undefined;
    if (body && plain) {
      // The values are copies.
      this.body = undefined;
      giveBack(body);
      return plain;
    }
    const { answer, ...question } = readRestQuestion({ body, headerLength, route, room: arena });
    this.form = answer;
    return question;
  }

  private send(status: number, headers: string[], body: string | Buffer): void {
    const encoding = chooseEncoding(this.head.acceptEncoding);
    if (encoding === undefined) return this.wire.answer(status, headers, body);
    compress(typeof body === 'string' ? Buffer.from(body) : body, encoding).then(
      (packed) => {
        if (!packed) return this.wire.answer(status, headers, body);
        this.wire.answer(status, [...headers, 'content-encoding', encoding, 'vary', 'accept-encoding'], packed);
      },
      (error: unknown) => this.failed(error),
    );
  }
}

function tooLarge(limit: number): ServiceError {
  return new ServiceError('too-large', `the body is larger than ${limit} bytes`, { status: 413 });
}
