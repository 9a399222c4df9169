export { createLogger, logLevels, setLogLevel, type Logger, type LogLevel } from './logger.js';
export { counter, gauge, histogram, renderMetrics, type HistogramOptions } from './metrics.js';
export { NestLogger } from './nest-logger.js';
export { type ReceivedSpan } from './otlp-json.js';
export { redactText } from './redact.js';
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
export { shutdownTelemetry, startTelemetry } from './start-telemetry.js';
export { TraceReceiver, type TraceReceiverOptions } from './trace-receiver.js';
export { tracedFetch } from './traced-fetch.js';
