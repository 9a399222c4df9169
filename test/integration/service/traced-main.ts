import { startTelemetry } from '@baton/telemetry';

await startTelemetry('traced');
const { startService } = await import('@baton/service');
const { tracedService } = await import('./traced-service.js');
await startService(tracedService);
