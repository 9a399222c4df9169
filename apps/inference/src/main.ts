import { startTelemetry } from '@baton/telemetry';

// Before anything that is to be traced is imported.
await startTelemetry('inference');
const { startService } = await import('@baton/service');
const { inferenceService } = await import('./service.js');
await startService(inferenceService);
