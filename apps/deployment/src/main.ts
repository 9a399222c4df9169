import { startTelemetry } from '@baton/telemetry';

// Before anything that is to be traced is imported.
await startTelemetry('deployment');
const { startService } = await import('@baton/service');
const { deploymentService } = await import('./service.js');
await startService(deploymentService);
