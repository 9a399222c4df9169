import { startTelemetry } from '@baton/telemetry';

await startTelemetry('slow');
const { startService } = await import('@baton/service');
const { slowService } = await import('./slow-service.js');
await startService(slowService);
