import { CarriedTrace, RecordableTrace, type RequestTrace } from './request-trace.js';
import { randomWord } from './random-words.js';
import { writeAttribute, writeFailure } from './span-attributes.js';
import { SpanExporter, type SpanExporterOptions } from './span-exporter.js';
import type { SpanChunk } from './span-buffer.js';
import { AT, SPAN, SpanTemplate, type SpanShape } from './span-shape.js';
import { isSampledBy, isTraceparent } from './trace-parent.js';
import { writeNanoseconds } from './proto-writer.js';

const MAX_TRACESTATE = 512;
/** With this many bytes of attributes a span gets no more, so that its length stays within two bytes. */
const MAX_ATTRIBUTES = 3072;

export interface EndOptions {
  /** Why it failed; secrets are left out. Such a request is recorded even when it was not sampled. */
  readonly failed?: string;
  /** What was not known before, for the server span. */
  readonly attributes?: Readonly<Record<string, string | number>>;
}

let exporter: SpanExporter | undefined;
/** Of 2³²: the share of new traces that are kept. */
let bound = 0;

/**
 * Spans of requests for a path that runs tens of thousands of times a second: encoded from templates, without the SDK,
 * in one trace with what the SDK records. Exports once {@link startTelemetry} found a collector.
 */
export const requestTracer = {
  /**
   * Follows the caller's decision, else the ratio of `OTEL_TRACES_SAMPLER_ARG`. A malformed header begins a new trace.
   * @returns undefined when nothing is exported and no trace came in
   */
  begin(traceparent: string | undefined, tracestate?: string): RequestTrace | undefined {
    if (traceparent !== undefined && isTraceparent(traceparent)) {
      const state = tracestate !== undefined && tracestate.length <= MAX_TRACESTATE ? tracestate : undefined;
      if (exporter === undefined) return new CarriedTrace(traceparent, state);
      return new RecordableTrace(isSampledBy(traceparent), 0, traceparent, state);
    }
    if (exporter === undefined) return undefined;
    const seed = randomWord();
    return new RecordableTrace(seed >>> 0 < bound, seed, undefined, undefined);
  },

  /** @param times start and end of each span of the shape, in milliseconds since the epoch; fractions count */
  end(trace: RequestTrace, shape: SpanShape, times: ArrayLike<number>, options?: EndOptions): void {
    if (exporter === undefined || !(trace.isSampled || options?.failed !== undefined)) return;
    if (!(trace instanceof RecordableTrace && shape instanceof SpanTemplate)) return;
    const chunk = exporter.buffer.room();
    if (chunk === undefined) exporter.drop(shape.bodies.length);
    else record(chunk, trace, shape, times, options);
  },
};

/** @param ratio share of the traces that begin here and are kept */
export function startRequestTracer(ratio: number, options: SpanExporterOptions): void {
  exporter = new SpanExporter(options);
  // As the SDK's TraceIdRatioBasedSampler has it.
  bound = ratio === 1 ? 2 ** 32 : Math.floor(ratio * (2 ** 32 - 1));
}

/** Sends what is left. */
export async function stopRequestTracer(): Promise<void> {
  const ending = exporter;
  exporter = undefined;
  await ending?.stop();
}

function record(
  chunk: SpanChunk,
  trace: RecordableTrace,
  { bytes, bodies }: SpanTemplate,
  times: ArrayLike<number>,
  options: EndOptions | undefined,
): void {
  trace.makeIds();
  const start = chunk.at;
  chunk.bytes.set(bytes, start);
  for (let index = 0; index < bodies.length; index++) {
    patch(chunk.view, start + (bodies[index] ?? 0), index, trace, times);
  }
  chunk.at = start + bytes.length;
  writeTail(chunk, trace, options);
  closeServerSpan(chunk, start + (bodies[0] ?? 0));
  chunk.spans += bodies.length;
}

function patch(view: DataView, body: number, index: number, trace: RecordableTrace, times: ArrayLike<number>): void {
  view.setInt32(body + AT.traceId, trace.trace0);
  view.setInt32(body + AT.traceId + 4, trace.trace1);
  view.setInt32(body + AT.traceId + 8, trace.trace2);
  view.setInt32(body + AT.traceId + 12, trace.trace3);
  view.setInt32(body + AT.spanId, trace.span0);
  view.setInt32(body + AT.spanId + 4, trace.span1 + index);
  writeNanoseconds(view, body + AT.start, times[index * 2] ?? 0);
  writeNanoseconds(view, body + AT.end, times[index * 2 + 1] ?? 0);
  if (index === 0) return;
  view.setInt32(body + AT.parent, trace.span0);
  view.setInt32(body + AT.parent + 4, trace.span1);
}

/** What only this request's server span has. */
function writeTail(chunk: SpanChunk, trace: RecordableTrace, options: EndOptions | undefined): void {
  if (trace.parent !== undefined) chunk.id(SPAN.parent, trace.parentWord(0), trace.parentWord(1));
  if (trace.tracestate !== undefined) chunk.text(SPAN.traceState, trace.tracestate);
  if (options === undefined) return;
  if (options.failed !== undefined) writeFailure(chunk, SPAN.status, options.failed);
  const full = chunk.at + MAX_ATTRIBUTES;
  for (const key in options.attributes) {
    const value = options.attributes[key];
    if (value !== undefined && chunk.at < full) writeAttribute(chunk, SPAN.attributes, key, value);
  }
}

function closeServerSpan({ bytes, at }: SpanChunk, body: number): void {
  const length = at - body;
  bytes[body - 2] = (length & 0x7f) | 0x80;
  bytes[body - 1] = length >>> 7;
}
