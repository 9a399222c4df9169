import {
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Link,
  type Span,
} from '@opentelemetry/api';
import { redactText } from './redact.js';

/** W3C Trace Context of a span, as it travels in headers. */
export interface TraceHeaders {
  traceparent?: string;
  tracestate?: string;
}

export interface SpanOptions {
  readonly kind?: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  readonly attributes?: Attributes;
  /** Default: the active span. An empty object begins a trace of its own. */
  readonly parent?: TraceHeaders;
  readonly links?: readonly TraceHeaders[];
}

/** A span while its work runs. */
export interface SpanHandle {
  set(attributes: Attributes): void;
  /** Marks it as failed, for work that ends without an error all the same. */
  fail(reason: string): void;
  /** For what this span causes elsewhere. */
  headers(): TraceHeaders;
}

const kinds = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

const tracer = () => trace.getTracer('baton');

/** Runs the work under a span, which ends with it; an error is recorded on the span and thrown on. */
export async function withSpan<T>(
  name: string,
  options: SpanOptions,
  work: (span: SpanHandle) => Promise<T>,
): Promise<T> {
  const parent = options.parent ? contextOf(options.parent) : context.active();
  const { kind = 'internal', attributes = {} } = options;
  const span = tracer().startSpan(name, { kind: kinds[kind], attributes, links: linksOf(options.links) }, parent);
  const inside = trace.setSpan(parent, span);
  try {
    return await context.with(inside, () => work(handleOf(span, inside)));
  } catch (error) {
    fail(span, error);
    throw error;
  } finally {
    span.end();
  }
}

export interface RecordedSpan extends SpanOptions {
  readonly startTime: Date;
  readonly endTime: Date;
  readonly error?: unknown;
}

/** Records a span of something that is over already. Gives its headers. */
export function recordSpan(name: string, options: RecordedSpan): TraceHeaders {
  const parent = options.parent ? contextOf(options.parent) : context.active();
  const { kind = 'internal', attributes = {}, startTime } = options;
  const links = linksOf(options.links);
  const span = tracer().startSpan(name, { kind: kinds[kind], attributes, links, startTime }, parent);
  if (options.error !== undefined) fail(span, options.error);
  span.end(options.endTime);
  return headersOf(trace.setSpan(parent, span));
}

/** Headers of the active span; empty without one. */
export function traceHeaders(): TraceHeaders {
  return headersOf(context.active());
}

/** 32 hex digits, or undefined outside of any span. */
export function currentTraceId(): string | undefined {
  return trace.getActiveSpan()?.spanContext().traceId;
}

/** Runs the work as a continuation of a trace that came in from elsewhere. */
export function withTrace<T>(headers: TraceHeaders, work: () => T): T {
  return context.with(contextOf(headers), work);
}

/** Gives the active server span the name of its route, once that is known: `POST /v1/models/:model/versions`. */
export function nameActiveSpan(name: string, attributes: Attributes = {}): void {
  const span = trace.getActiveSpan();
  span?.updateName(name);
  span?.setAttributes(attributes);
}

function handleOf(span: Span, inside: Context): SpanHandle {
  return {
    set: (attributes) => void span.setAttributes(attributes),
    fail: (reason) => void span.setStatus({ code: SpanStatusCode.ERROR, message: redactText(reason) }),
    headers: () => headersOf(inside),
  };
}

function contextOf({ traceparent, tracestate }: TraceHeaders): Context {
  return propagation.extract(ROOT_CONTEXT, {
    ...(traceparent ? { traceparent } : {}),
    ...(tracestate ? { tracestate } : {}),
  });
}

function headersOf(of: Context): TraceHeaders {
  const headers: TraceHeaders = {};
  propagation.inject(of, headers);
  return headers;
}

function linksOf(all: readonly TraceHeaders[] = []): Link[] {
  return all.flatMap((headers) => {
    const spanContext = trace.getSpanContext(contextOf(headers));
    return spanContext ? [{ context: spanContext }] : [];
  });
}

/** Spans leave the machine, so they get no secrets either. */
function fail(span: Span, error: unknown): void {
  const { name, message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  span.recordException({ name, message: redactText(message), stack: redactText(stack) });
  span.setStatus({ code: SpanStatusCode.ERROR, message: redactText(message) });
}
