import { createLogger, shutdownTelemetry } from '@baton/telemetry';
import { setTimeout as pause } from 'node:timers/promises';
import { ConfigError, loadConfig, type ServiceConfig } from './config.js';
import { createService, type RunningService, type ServiceDefinition } from './create-service.js';
import { onStopRequest } from './stop-request.js';

const log = createLogger('service');
/** For what comes after the requests: handlers of events, connections. */
const CLOSE_GRACE_MS = 30_000;

/**
 * Runs a service as this process: configuration, start, and an end that finishes what is in flight. SIGTERM, SIGINT
 * and the death of the parent (if it opened an IPC channel) stop it, with exit code 0; a second signal ends it at once.
 * It ends with exit code 1 when it cannot start, cannot close in time, or when an error reaches nobody.
 */
export async function startService<C extends ServiceConfig>(definition: ServiceDefinition<C>): Promise<void> {
  const { name } = definition;
  let service: RunningService | undefined;
  // Whoever read the log may be gone before us, which is no reason to stop half-way.
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  process.on('uncaughtException', (error) => void crash('an exception nobody caught', error));
  process.on('unhandledRejection', (error) => void crash('a rejection nobody handled', error));
  let config: C | undefined;
  onStopRequest((why) => {
    log.info(`${name} stops`, { why });
    void end(service, config?.shutdownTimeoutMs ?? 0);
  });
  try {
    config = loadConfig(definition.config);
    service = await createService(definition, config);
    log.info(`${name} listens`, { url: service.url });
  } catch (error) {
    if (error instanceof ConfigError) process.stderr.write(`${name}: ${error.message}\n`);
    else log.error(`${name} did not start`, { error });
    await exit(1);
  }
}

/** A service that is still starting has nothing in flight. */
async function end(service: RunningService | undefined, shutdownTimeoutMs: number): Promise<void> {
  try {
    const late = pause(shutdownTimeoutMs + CLOSE_GRACE_MS, 'late' as const, { ref: false });
    const outcome = await Promise.race([service?.close(), late]);
    if (outcome === 'late') throw new Error('something did not come to its end in time');
    await exit(0);
  } catch (error) {
    log.error('the service did not close cleanly', { error });
    await exit(1);
  }
}

async function crash(message: string, error: unknown): Promise<void> {
  log.error(message, { error });
  await exit(1);
}

async function exit(code: number): Promise<void> {
  await shutdownTelemetry();
  process.exit(code);
}
