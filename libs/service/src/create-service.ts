import { NestLogger, setLogLevel } from '@baton/telemetry';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Server } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { ServiceConfig } from './config.js';
import { ErrorMapper } from './error-mapper.js';
import { ProblemFilter } from './problem-filter.js';
import { replyWithProblem } from './problem-reply.js';
import { Readiness } from './readiness.js';
import { watchRequests } from './request-metrics.js';
import { requestValidation } from './request-validation.js';
import { ServiceModule } from './service.module.js';

const BODY_LIMIT = 1024 * 1024;
/** A connection on which nothing moves is cut; an upload that goes on may take as long as it needs. */
export const CONNECTION_TIMEOUT_MS = 300_000;
/** Longer than load balancers keep theirs, so that they are the ones to close. */
export const KEEP_ALIVE_MS = 72_000;
const IDLE_SWEEP_MS = 50;
const DRAIN_SWEEP_MS = 20;
/** Without a connection for so long, nobody is there. */
const QUIET_MS = 250;

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
  /** Finishes what is in flight (for `shutdownTimeoutMs` at most), then closes. Safe to call twice. */
  close(): Promise<void>;
}

/** Builds a service in this process and lets it listen. */
export async function createService<C extends ServiceConfig>(
  definition: ServiceDefinition<C>,
  config: C,
): Promise<RunningService> {
  setLogLevel(config.logLevel);
  const app = await NestFactory.create<NestFastifyApplication>(
    ServiceModule.around(definition.module(config)),
    adapterOf(definition.bodyLimit?.(config) ?? BODY_LIMIT),
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
  return { app, url: await app.getUrl(), close: once(() => closeGracefully(app, config)) };
}

function adapterOf(bodyLimit: number): FastifyAdapter {
  const errors = new ErrorMapper();
  return new FastifyAdapter({
    bodyLimit,
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: 'idle',
    // What comes on a connection that is open already is still answered: nobody gets half a shutdown.
    return503OnClosing: false,
    exposeHeadRoutes: false,
    // A URL that cannot be read never reaches a route, nor its filters.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) =>
      replyWithProblem(request, reply, errors.map(error)),
  });
}

/** Requests come to their end first, while what they need is still there. */
async function closeGracefully(
  app: NestFastifyApplication,
  { shutdownTimeoutMs: timeoutMs, drainMs }: ServiceConfig,
): Promise<void> {
  app.get(Readiness).drain();
  const server = app.getHttpServer();
  await sendAway(server, drainMs);
  // A connection that is kept alive is idle only once its last answer is out.
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_SWEEP_MS);
  const late = setTimeout(() => server.closeAllConnections(), timeoutMs);
  try {
    await app.getHttpAdapter().getInstance().close();
  } finally {
    clearInterval(idle);
    clearTimeout(late);
    await app.close();
  }
}

/**
 * Tells every caller with his next answer not to come again on this connection. A connection that is closed while a
 * request is on its way would lose it; one that nobody has used for so long is closed afterwards. Who comes on a new
 * connection each time has to be told too, by a balancer that looks: nobody is there only after a while without any.
 */
async function sendAway(server: Server, drainMs: number): Promise<void> {
  server.prependListener('request', (_request, response) => {
    response.shouldKeepAlive = false;
  });
  let usedAt = performance.now();
  const end = usedAt + drainMs;
  const used = (): void => void (usedAt = performance.now());
  server.on('connection', used);
  while (performance.now() < Math.min(end, usedAt + QUIET_MS)) {
    await pause(DRAIN_SWEEP_MS);
    if ((await connectionsOf(server)) > 0) used();
  }
  server.off('connection', used);
}

function connectionsOf(server: Server): Promise<number> {
  return new Promise((done) => server.getConnections((error, count) => done(error ? 0 : count)));
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => (running ??= work());
}
