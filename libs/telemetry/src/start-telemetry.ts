import { telemetryConfig } from './config.js';
import { createLogger, setServiceName } from './logger.js';
import { loopDelay } from './loop-delay.js';
import type { OwnSpans, Tracing } from './tracing.js';

const log = createLogger('telemetry');
const SHUTDOWN_MS = 3000;

let users = 0;
let tracing: Promise<Tracing> | undefined;

export interface TelemetryOptions {
  readonly ownSpans?: OwnSpans;
}

/**
 * Starts tracing for this process. To be awaited before anything that it instruments (http, grpc, pg) is imported.
 * Exports nothing, and loads no SDK, without an endpoint. Called again in the same process it joins what runs already,
 * under the name and options that came first; tracing ends with the last of them.
 * @param service `service.name` of every span and log line
 */
export async function startTelemetry(
  service: string,
  { ownSpans }: TelemetryOptions = {},
): Promise<{ shutdown(): Promise<void> }> {
  users += 1;
  if (users === 1) setServiceName(service);
  const { endpoint, ratio, problems } = telemetryConfig();
  problems.forEach((problem) => log.warn(problem));
  loopDelay.watch();
  if (endpoint) {
    tracing ??= import('./tracing.js').then((sdk) => sdk.startTracing({ service, endpoint, ratio, ownSpans }));
  }
  await tracing;
  let ended = false;
  const shutdown = async () => {
    if (ended) return;
    ended = true;
    users = Math.max(0, users - 1);
    if (users === 0) await shutdownTelemetry();
  };
  return { shutdown };
}

/** Sends what is left, for at most three seconds, and ends tracing for the whole process. */
export async function shutdownTelemetry(): Promise<void> {
  const ending = tracing;
  tracing = undefined;
  users = 0;
  if (!ending) return;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((done) => {
    timer = setTimeout(done, SHUTDOWN_MS);
  });
  await Promise.race([ending.then((running) => running.stop()).catch(() => undefined), late]);
  clearTimeout(timer);
}
