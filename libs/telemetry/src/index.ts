export { createLogger, logLevels, setLogLevel, type Logger, type LogLevel } from './logger.js';
export { LatencyHistogram, type TracedRequest } from './latency-histogram.js';
export { loopDelay } from './loop-delay.js';
export {
  metricFamily,
  type Exemplar,
  type HistogramSample,
  type MetricFamilyOptions,
  type NumberSample,
} from './metric-family.js';
export { counter, gauge, histogram, renderMetrics, type HistogramOptions } from './metrics.js';
export { NestLogger } from './nest-logger.js';
export { type ReceivedSpan } from './received-span.js';
export { redactText } from './redact.js';
export { type RequestTrace } from './request-trace.js';
export { requestTracer, type EndOptions } from './request-tracer.js';
export { spanShape, type SpanOfShape, type SpanShape } from './span-shape.js';
export {
  currentTraceId,
  nameActiveSpan,
  recordSpan,
  traceHeaders,
  withSpan,
  withTrace,
  type RecordedSpan,
  type SpanHandle,
  type SpanOptions,
  type TraceHeaders,
} from './spans.js';
export { shutdownTelemetry, startTelemetry, type TelemetryOptions } from './start-telemetry.js';
export type { OwnSpans } from './tracing.js';
export { TraceReceiver, type TraceReceiverOptions } from './trace-receiver.js';
export { tracedFetch } from './traced-fetch.js';
