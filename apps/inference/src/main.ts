import { startTelemetry } from '@baton/telemetry';

const INFER = /^\/v2\/models\/[^/]+(\/versions\/[^/]+)?\/infer$/;

// Before anything that is to be traced is imported.
await startTelemetry('inference', {
  ownSpans: { http: (method, path) => method === 'POST' && INFER.test(path), grpc: true },
});
const { startService } = await import('@baton/service');
const { inferenceService } = await import('./service.js');
await startService(inferenceService);
