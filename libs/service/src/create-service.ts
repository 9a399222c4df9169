import { NestLogger, setLogLevel } from '@baton/telemetry';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { ServiceConfig } from './config.js';
import { ProblemFilter } from './problem-filter.js';
import { Readiness } from './readiness.js';
import { watchRequests } from './request-metrics.js';
import { requestValidation } from './request-validation.js';
import { ServiceModule } from './service.module.js';

const BODY_LIMIT = 1024 * 1024;
/** Headers must be there within this time; bodies have none, since an upload may be long. */
const CONNECTION_TIMEOUT_MS = 0;
const KEEP_ALIVE_MS = 72_000;

/** What makes one service differ from another. */
export interface ServiceDefinition<C extends ServiceConfig> {
  readonly name: string;
  readonly config: new () => C;
  readonly module: (config: C) => DynamicModule;
  /** Before it listens: transports, raw routes, plugins. */
  readonly prepare?: (app: NestFastifyApplication, config: C) => Promise<void>;
  /** Largest request body in bytes that is not streamed; 1 MiB unless said. */
  readonly bodyLimit?: (config: C) => number;
}

/** A service that listens. */
export interface RunningService {
  readonly app: NestFastifyApplication;
  readonly url: string;
  /** Finishes what is in flight, then closes. Safe to call twice. */
  close(): Promise<void>;
}

/** Builds a service in this process and lets it listen. */
export async function createService<C extends ServiceConfig>(
  definition: ServiceDefinition<C>,
  config: C,
): Promise<RunningService> {
  setLogLevel(config.logLevel);
  const adapter = new FastifyAdapter({
    bodyLimit: definition.bodyLimit?.(config) ?? BODY_LIMIT,
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: false,
  });
  const app = await NestFactory.create<NestFastifyApplication>(
    ServiceModule.around(definition.module(config)),
    adapter,
    { logger: new NestLogger(), abortOnError: false },
  );
  try {
    app.useGlobalPipes(requestValidation());
    app.useGlobalFilters(app.get(ProblemFilter));
    watchRequests(app);
    await definition.prepare?.(app, config);
    // Before any transport: every part of the service has had its say by then.
    await app.init();
    await app.startAllMicroservices();
    await app.listen(config.port, config.host);
  } catch (error) {
    await app.close().catch(() => undefined);
    throw error;
  }
  return { app, url: await app.getUrl(), close: once(() => closeGracefully(app, config.shutdownTimeoutMs)) };
}

/** Requests come to their end first, while what they need is still there. */
async function closeGracefully(app: NestFastifyApplication, timeoutMs: number): Promise<void> {
  app.get(Readiness).drain();
  const server = app.getHttpServer();
  // A connection that is kept alive is idle only once its last answer is out.
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const late = setTimeout(() => server.closeAllConnections(), timeoutMs);
  await app.getHttpAdapter().getInstance().close();
  clearInterval(idle);
  clearTimeout(late);
  await app.close();
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => (running ??= work());
}
