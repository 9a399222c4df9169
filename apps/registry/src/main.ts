import { startTelemetry } from '@baton/telemetry';

// Before anything that is to be traced is imported.
await startTelemetry('registry');
const { startService } = await import('@baton/service');
const { registryService } = await import('./service.js');
await startService(registryService);
