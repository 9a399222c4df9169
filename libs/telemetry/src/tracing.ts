import { context, diag, DiagLogLevel, propagation, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { GrpcInstrumentation } from '@opentelemetry/instrumentation-grpc';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { envDetector, hostDetector } from '@opentelemetry/resources';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { BatchSpanProcessor, ParentBasedSampler, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace';
import type { IncomingMessage } from 'node:http';
import { register } from 'node:module';
import { tracesUrl } from './config.js';
import { createLogger } from './logger.js';

const log = createLogger('telemetry');
/** Asked by machines every few seconds: no traces of them. */
const QUIET_PATHS = ['/livez', '/readyz', '/metrics'];
/** What the loader hook has to look at; without a list it wraps every module of the process. */
const INSTRUMENTED = ['http', 'https', '@grpc/grpc-js', 'pg', 'pg-pool'];
const COMPLAINT_MS = 60_000;

let hooked = false;

/** Tracing of this process while it runs. */
export interface Tracing {
  /** Sends what is left and takes the instrumentation away. */
  stop(): Promise<void>;
}

export interface TracingOptions {
  readonly service: string;
  readonly endpoint: string;
  readonly ratio: number;
}

/** Kept apart from {@link startTelemetry}, since loading the SDK costs 0.4 s and 40 MB that most runs can do without. */
export function startTracing({ service, endpoint, ratio }: TracingOptions): Tracing {
  // Modules imported from now on are seen through the hook; without it, ES modules are not instrumented.
  if (!hooked)
    register('@opentelemetry/instrumentation/hook.mjs', import.meta.url, { data: { include: INSTRUMENTED } });
  hooked = true;
  reportFailures();
  const instrumentations = instrumentationsOf();
  const sdk = new NodeSDK({
    serviceName: service,
    resourceDetectors: [envDetector, hostDetector],
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [processor(tracesUrl(endpoint))],
    // Unless told that there are none, the SDK would also send metrics and logs.
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations,
  });
  sdk.start();
  return {
    stop: async () => {
      try {
        await sdk.shutdown();
      } finally {
        instrumentations.forEach((instrumentation) => instrumentation.disable());
        [trace, context, propagation].forEach((api) => api.disable());
      }
    },
  };
}

function processor(url: string): BatchSpanProcessor {
  return new BatchSpanProcessor({
    exporter: new OTLPTraceExporter({ url, timeoutMillis: 5000 }),
    maxQueueSize: 32_768,
    maxExportBatchSize: 1024,
    scheduledDelayMillis: 500,
    exportTimeoutMillis: 5000,
  });
}

function instrumentationsOf() {
  return [
    new HttpInstrumentation({
      ignoreIncomingRequestHook: ({ url = '' }: IncomingMessage) => QUIET_PATHS.includes(url.split('?')[0] ?? ''),
      requireParentforOutgoingSpans: true,
    }),
    new GrpcInstrumentation(),
    // Without a parent it is the relay asking for work, several times a second.
    new PgInstrumentation({ requireParentSpan: true }),
  ];
}

/** A collector that is away is told once a minute; the service goes on without traces. */
function reportFailures(): void {
  let last = -COMPLAINT_MS;
  const error = (message: string) => {
    const now = performance.now();
    if (now - last < COMPLAINT_MS) return;
    last = now;
    log.warn('traces do not get through', { reason: message });
  };
  const nothing = () => undefined;
  const logger = { error, warn: nothing, info: nothing, debug: nothing, verbose: nothing };
  diag.setLogger(logger, { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true });
}
