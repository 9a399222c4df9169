import { startTelemetry } from '@baton/telemetry';

await startTelemetry('monitoring');
const { startService } = await import('@baton/service');
const { monitoringService } = await import('./service.js');
await startService(monitoringService);
