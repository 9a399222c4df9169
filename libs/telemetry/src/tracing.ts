import { context, diag, DiagLogLevel, logs, propagation, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import {
  defaultResource,
  detectResources,
  envDetector,
  hostDetector,
  resourceFromAttributes,
  type Resource,
} from '@opentelemetry/resources';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { BatchSpanProcessor, ParentBasedSampler, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace';
import type { IncomingMessage } from 'node:http';
import { register } from 'node:module';
import { exportHeaders, tracesUrl } from './config.js';
import { createLogger } from './logger.js';
import { onceAMinute } from './once-a-minute.js';
import { leavePlain } from './plain-requests.js';
import { startRequestTracer, stopRequestTracer } from './request-tracer.js';
import type { SpanAttributes } from './span-attributes.js';

const log = createLogger('telemetry');
/** Asked by machines every few seconds: no traces of them. */
const QUIET_PATHS = ['/livez', '/readyz', '/metrics'];
/** What the loader hook has to look at; without a list it wraps every module of the process. */
const INSTRUMENTED = ['http', 'https', '@grpc/grpc-js', 'pg', 'pg-pool'];

let hooked = false;

/** Tracing of this process while it runs. */
export interface Tracing {
  /** Sends what is left and takes the instrumentation away. */
  stop(): Promise<void>;
}

/** Requests that get no span of the SDK, since the service records its own with {@link requestTracer}. */
export interface OwnSpans {
  /** @param path without the query */
  readonly http?: (method: string, path: string) => boolean;
  /** Those of every gRPC server of this process. Its clients then get no spans either. */
  readonly grpc?: boolean;
}

export interface TracingOptions {
  readonly service: string;
  readonly endpoint: string;
  readonly ratio: number;
  readonly ownSpans?: OwnSpans | undefined;
}

/** Kept apart from {@link startTelemetry}, since loading the SDK costs 0.4 s and 40 MB that most runs can do without. */
export async function startTracing({ service, endpoint, ratio, ownSpans = {} }: TracingOptions): Promise<Tracing> {
  // Modules imported from now on are seen through the hook; without it, ES modules are not instrumented.
  if (!hooked)
    register('@opentelemetry/instrumentation/hook.mjs', import.meta.url, { data: { include: INSTRUMENTED } });
  hooked = true;
  const complain = onceAMinute((reason) => log.warn('traces do not get through', { reason }));
  reportFailures(complain);
  const instrumentations = await instrumentationsOf(ownSpans);
  const resource = await resourceOf(service);
  const url = tracesUrl(endpoint);
  const sdk = new NodeSDK({
    resource,
    autoDetectResources: false,
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [processor(url)],
    // Unless told that there are none, the SDK would also send metrics and logs.
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations,
  });
  sdk.start();
  const leaveInstrumented = leavePlain((request) => isOwn(ownSpans, request));
  startRequestTracer(ratio, { url, headers: exportHeaders(), resource: plainAttributes(resource), complain });
  return {
    stop: async () => {
      try {
        await Promise.all([sdk.shutdown(), stopRequestTracer()]);
      } finally {
        leaveInstrumented();
        instrumentations.forEach((instrumentation) => instrumentation.disable());
        [trace, context, propagation, logs].forEach((api) => api.disable());
      }
    },
  };
}

/** The same for the SDK's spans and for ours. */
async function resourceOf(service: string): Promise<Resource> {
  const resource = defaultResource()
    .merge(detectResources({ detectors: [envDetector, hostDetector] }))
    .merge(resourceFromAttributes({ 'service.name': service }));
  await resource.waitForAsyncAttributes?.();
  return resource;
}

function plainAttributes({ attributes }: Resource): SpanAttributes {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([key, value]) =>
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? [[key, value]] : [],
    ),
  );
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

async function instrumentationsOf(ownSpans: OwnSpans): Promise<Instrumentation[]> {
  const http = new HttpInstrumentation({
    ignoreIncomingRequestHook: (request: IncomingMessage) =>
      QUIET_PATHS.includes(pathOf(request)) || isOwn(ownSpans, request),
    requireParentforOutgoingSpans: true,
  });
  // Without a parent it is the relay asking for work, several times a second.
  const pg = new PgInstrumentation({ requireParentSpan: true });
  if (ownSpans.grpc) return [http, pg];
  const { GrpcInstrumentation } = await import('@opentelemetry/instrumentation-grpc');
  return [http, new GrpcInstrumentation(), pg];
}

function isOwn({ http }: OwnSpans, request: IncomingMessage): boolean {
  return http?.(request.method ?? 'GET', pathOf(request)) ?? false;
}

function pathOf({ url = '' }: IncomingMessage): string {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}

/** A collector that is away is told once a minute; the service goes on without traces. */
function reportFailures(complain: (reason: string) => void): void {
  const nothing = () => undefined;
  const logger = { error: complain, warn: nothing, info: nothing, debug: nothing, verbose: nothing };
  diag.setLogger(logger, { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true });
}
