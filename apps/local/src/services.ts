import { setTimeout as pause } from 'node:timers/promises';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { endOf, startChild } from './children.js';
import type { LocalKeys } from './keys.js';
import type { Ports } from './ports.js';

export const serviceNames = ['registry', 'deployment', 'inference', 'monitoring'] as const;
export type LocalService = (typeof serviceNames)[number];

/** What the services need to find each other. */
export interface Surroundings {
  readonly home: string;
  readonly ports: Ports;
  readonly keys: LocalKeys;
  readonly brokers: string;
  readonly prefix: string;
  readonly logLevel: string;
  /** Where the services send their traces by OTLP/HTTP. */
  readonly tracesUrl: string;
  /** Address of a schema's own role. */
  readonly databaseUrl: (schema: string) => string;
}

type Environment = Readonly<Record<string, string>>;

/** The environment of each service. */
export function environments(around: Surroundings): Record<LocalService, Environment> {
  const { home, ports, keys } = around;
  const base = (name: LocalService) => ({
    HOST: '127.0.0.1',
    PORT: String(ports[name]),
    LOG_LEVEL: around.logLevel,
    KAFKA_BROKERS: around.brokers,
    KAFKA_PREFIX: around.prefix,
    OTEL_EXPORTER_OTLP_ENDPOINT: around.tracesUrl,
  });
  const registryUrl = `http://127.0.0.1:${ports.registry}`;
  return {
    registry: {
      ...base('registry'),
      DATABASE_URL: around.databaseUrl('registry'),
      ARTIFACT_DIR: join(home, 'artifacts'),
      SIGNING_KEY_FILE: keys.signingKeyFile('registry'),
      BOOTSTRAP_KEY_FILE: keys.bootstrapFile,
      TRUSTED_SIGNERS_DIR: join(home, 'signers'),
    },
    deployment: {
      ...base('deployment'),
      DATABASE_URL: around.databaseUrl('deployment'),
      SIGNING_KEY_FILE: keys.signingKeyFile('deployment'),
      TRUSTED_REGISTRY_KEY_FILE: keys.publicKeyFile('registry'),
    },
    inference: {
      ...base('inference'),
      GRPC_PORT: String(ports.inferenceGrpc),
      DATA_DIR: join(home, 'inference'),
      REGISTRY_URL: registryUrl,
      SERVICE_KEY_FILE: keys.keyFile('inference'),
      TRUSTED_REGISTRY_KEY_FILE: keys.publicKeyFile('registry'),
      TRUSTED_DEPLOYMENT_KEY_FILE: keys.publicKeyFile('deployment'),
    },
    monitoring: {
      ...base('monitoring'),
      DATABASE_URL: around.databaseUrl('monitoring'),
      REGISTRY_URL: registryUrl,
      SERVICE_KEY_FILE: keys.keyFile('monitoring'),
    },
  };
}

/** A service process. */
export interface RunningChild {
  readonly name: LocalService;
  readonly process: ChildProcess;
  readonly url: string;
  readonly logFile: string;
}

/** Starts the service; {@link whenReady} tells when it may be used. */
export function startServiceProcess(name: LocalService, around: Surroundings): RunningChild {
  const logFile = logFileOf(around.home, name);
  const child = startChild({ script: `${name}/dist/main.js`, env: environments(around)[name], logFile });
  return { name, process: child, url: `http://127.0.0.1:${around.ports[name]}`, logFile };
}

/** A path of each service that only asks who is asking. */
const closedPaths: Readonly<Record<LocalService, string>> = {
  registry: '/v1/whoami',
  deployment: '/v1/endpoints?limit=1',
  inference: '/v2/models/none',
  monitoring: '/v1/endpoints/none/windows?limit=1',
};

/**
 * Waits until the service is ready and knows the key: keys travel by Kafka, so on the first start they come a moment
 * later. @throws when it ends first, or after `timeoutMs` with what it says is missing
 */
export async function whenReady(child: RunningChild, key: string, timeoutMs = 60_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  let last = 'no answer';
  while (Date.now() < deadline) {
    if (child.process.exitCode !== null || child.process.signalCode !== null) {
      throw new Error(`${child.name} ended while starting; the end of ${child.logFile}:\n${endOf(child.logFile)}`);
    }
    try {
      const ready = await fetch(`${child.url}/readyz`, { signal: AbortSignal.timeout(2000) });
      last = await ready.text();
      if (ready.ok && (await knows(child, key))) return;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    await pause(100);
  }
  throw new Error(`${child.name} is not ready after ${timeoutMs / 1000} s: ${last}; see ${child.logFile}`);
}

async function knows({ url, name }: RunningChild, key: string): Promise<boolean> {
  const headers = { authorization: `Bearer ${key}` };
  const answer = await fetch(`${url}${closedPaths[name]}`, { headers, signal: AbortSignal.timeout(2000) });
  await answer.body?.cancel();
  return answer.status !== 401 && answer.status < 500;
}

export function logFileOf(home: string, name: string): string {
  mkdirSync(join(home, 'logs'), { recursive: true });
  return join(home, 'logs', `${name}.log`);
}
