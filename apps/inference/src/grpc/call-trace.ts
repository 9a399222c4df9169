import { requestTracer, type RequestTrace } from '@baton/telemetry';
import type { Metadata } from '@grpc/grpc-js';
import { textOf } from './call-access.js';

/** The trace of a call, as a continuation of the caller's if it has one. */
export function traceOf(metadata: Metadata): RequestTrace | undefined {
  return requestTracer.begin(textOf(metadata, 'traceparent'), textOf(metadata, 'tracestate'));
}
