import { GrpcInstrumentation } from '@opentelemetry/instrumentation-grpc';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { envDetector, hostDetector } from '@opentelemetry/resources';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { BatchSpanProcessor, ParentBasedSampler, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace';
import type { IncomingMessage } from 'node:http';
import { register } from 'node:module';
import { telemetryConfig } from './config.js';
import { setServiceName } from './logger.js';

const SHUTDOWN_MS = 3000;
/** Asked by machines every few seconds: no traces of them. */
const QUIET_PATHS = ['/livez', '/readyz', '/metrics'];

let sdk: NodeSDK | undefined;
let hooked = false;

/**
 * Starts tracing for this process. To be awaited before anything that it instruments (http, grpc, pg) is imported.
 * Does nothing a second time until {@link shutdownTelemetry}, and exports nothing without an endpoint.
 * @param service `service.name` of every span and log line
 */
export async function startTelemetry(service: string): Promise<{ shutdown(): Promise<void> }> {
  setServiceName(service);
  const { endpoint, ratio } = telemetryConfig();
  if (endpoint && !sdk) {
    if (!hooked) register('@opentelemetry/instrumentation/hook.mjs', import.meta.url);
    hooked = true;
    sdk = new NodeSDK({
      serviceName: service,
      resourceDetectors: [envDetector, hostDetector],
      sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
      spanProcessors: [processor(new URL('/v1/traces', endpoint).href)],
      instrumentations: instrumentations(),
    });
    sdk.start();
  }
  return Promise.resolve({ shutdown: shutdownTelemetry });
}

/** Sends what is left, for at most three seconds. */
export async function shutdownTelemetry(): Promise<void> {
  const ending = sdk;
  sdk = undefined;
  if (!ending) return;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((done) => {
    timer = setTimeout(done, SHUTDOWN_MS);
  });
  await Promise.race([ending.shutdown().catch(() => undefined), late]);
  clearTimeout(timer);
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

function instrumentations() {
  return [
    new HttpInstrumentation({
      ignoreIncomingRequestHook: (request: IncomingMessage) => QUIET_PATHS.includes(request.url ?? ''),
      requireParentforOutgoingSpans: true,
    }),
    new GrpcInstrumentation(),
    new PgInstrumentation({ requireParentSpan: true }),
  ];
}
