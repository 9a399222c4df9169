import { requestTracer, type RequestTrace } from '@baton/telemetry';
import type { CallHeader } from './call-header.js';

/** The trace of a call, as a continuation of the caller's if it has one. */
export function traceOf(header: CallHeader): RequestTrace | undefined {
  return requestTracer.begin(header('traceparent'), header('tracestate'));
}
