import { createLogger, shutdownTelemetry } from '@baton/telemetry';
import { ConfigError, loadConfig, type ServiceConfig } from './config.js';
import { createService, type RunningService, type ServiceDefinition } from './create-service.js';

const log = createLogger('service');

/**
 * Runs a service as this process: configuration, start, and an end that finishes what is in flight. SIGTERM, SIGINT
 * and the death of the parent (if it opened an IPC channel) stop it; a second signal ends it at once.
 */
export async function startService<C extends ServiceConfig>(definition: ServiceDefinition<C>): Promise<void> {
  process.on('uncaughtException', (error) => void crash('an exception nobody caught', error));
  process.on('unhandledRejection', (error) => void crash('a rejection nobody handled', error));
  try {
    const service = await createService(definition, loadConfig(definition.config));
    log.info(`${definition.name} listens`, { url: service.url });
    stopOnSignals(definition.name, service);
  } catch (error) {
    if (error instanceof ConfigError) process.stderr.write(`${definition.name}: ${error.message}\n`);
    else log.error(`${definition.name} did not start`, { error });
    await shutdownTelemetry();
    process.exit(1);
  }
}

function stopOnSignals(name: string, service: RunningService): void {
  let stopping = false;
  const stop = (why: string) => {
    if (stopping) process.exit(130);
    stopping = true;
    log.info(`${name} stops`, { why });
    void end(service);
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  if (process.connected) process.once('disconnect', () => stop('the parent is gone'));
}

async function end(service: RunningService): Promise<void> {
  let code = 0;
  try {
    await service.close();
  } catch (error) {
    log.error('the service did not close cleanly', { error });
    code = 1;
  }
  await shutdownTelemetry();
  process.exit(code);
}

async function crash(message: string, error: unknown): Promise<void> {
  log.error(message, { error });
  await shutdownTelemetry();
  process.exit(1);
}
