import { ensureTopics } from '@baton/messaging';
import { TraceReceiver } from '@baton/telemetry';
import { mkdirSync } from 'node:fs';
import { startBacking, type Backing } from './backing.js';
import { stopChild } from './children.js';
import { clientFile, writePrivateJson } from './client-files.js';
import type { LocalConfig } from './config.js';
import { prepareDatabase, roleUrl } from './databases.js';
import { prepareKeys } from './keys.js';
import { assertFree, portsFrom, type PortName } from './ports.js';
import type { Progress } from './progress.js';
import { claimHome, recordChildren, releaseHome } from './run-file.js';
import { serviceNames, startServiceProcess, whenReady, type RunningChild, type Surroundings } from './services.js';

/** A platform on this machine. */
export interface Platform {
  readonly surroundings: Surroundings;
  readonly backing: Backing;
  readonly children: readonly RunningChild[];
  /** Stops everything that was started here, the services first. */
  stop(): Promise<void>;
}

/** Starts Postgres, Kafka and the services, in that order; what fails half-way is taken down again. */
export async function startPlatform(config: LocalConfig, progress: Progress): Promise<Platform> {
  mkdirSync(config.batonHome, { recursive: true });
  await claimHome(config.batonHome);
  const stops: (() => Promise<void>)[] = [() => Promise.resolve(releaseHome(config.batonHome))];
  const stop = async () => {
    for (const undo of stops.splice(0).reverse()) await undo();
  };
  try {
    return { ...(await start(config, progress, stops)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(config: LocalConfig, progress: Progress, stops: (() => Promise<void>)[]) {
  const { batonHome: home, kafkaPrefix: prefix, logLevel } = config;
  const ports = portsFrom(config.batonPortBase);
  await assertFree(ports, neededPorts(config));
  const keys = prepareKeys(home, config.databasePassword);
  const traces = await TraceReceiver.start({ port: ports.traces, forwardTo: config.otelExporterOtlpEndpoint });
  stops.push(() => traces.close());
  const backing = await startBacking(config, ports, progress, stops);
  const { adminUrl, brokers } = backing;
  await progress.step('tables and topics', async () => {
    await Promise.all([
      prepareDatabase(adminUrl, keys.postgresPassword, home),
      ensureTopics(brokers.split(','), prefix),
    ]);
  });
  const databaseUrl = (schema: string) => roleUrl(adminUrl, schema, keys.postgresPassword);
  const surroundings = { home, ports, keys, brokers, prefix, logLevel, tracesUrl: traces.url, databaseUrl };
  const children = await progress.step(`services: ${serviceNames.join(', ')}`, () => startAll(surroundings, stops));
  writePrivateJson(home, 'client.json', clientFile(ports, keys, brokers, prefix));
  return { surroundings, backing, children };
}

async function startAll(surroundings: Surroundings, stops: (() => Promise<void>)[]): Promise<RunningChild[]> {
  const children = serviceNames.map((name) => startServiceProcess(name, surroundings));
  stops.push(async () => void (await Promise.all(children.map((child) => stopChild(child.process)))));
  recordChildren(surroundings.home, children);
  await Promise.all(children.map((child) => whenReady(child, surroundings.keys.access.admin)));
  return children;
}

function neededPorts(config: LocalConfig): PortName[] {
  return [
    ...(config.databaseUrl ? [] : (['postgres'] as const)),
    ...(config.kafkaBrokers ? [] : (['kafka', 'kafkaController'] as const)),
    'traces',
    'registry',
    'deployment',
    'inference',
    'inferenceGrpc',
    'monitoring',
  ];
}
