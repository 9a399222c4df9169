import { freePorts, startKafka, startPostgres } from '@baton/backing';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import type { SharedBacking } from './shared-backing.js';

interface Running {
  readonly backing: SharedBacking;
  stop(): Promise<void>;
}

/** Kept outside of the module, since each project of a run loads it anew. */
interface Holder {
  users: number;
  running?: Promise<Running> | undefined;
}

const KEY = Symbol.for('baton shared backing');
const holder = ((globalThis as Record<symbol, unknown>)[KEY] ??= { users: 0 }) as Holder;

/** Starts Postgres and Kafka once for all projects of a test run. */
export async function setup(project: TestProject): Promise<void> {
  holder.users += 1;
  holder.running ??= start();
  project.provide('batonBacking', (await holder.running).backing);
}

/** Stops them when the last project is done. */
export async function teardown(): Promise<void> {
  holder.users -= 1;
  if (holder.users > 0) return;
  const running = holder.running;
  holder.running = undefined;
  await (await running)?.stop();
}

async function start(): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'baton-test-'));
  chmodSync(folder, 0o755);
  const [port = 0, kafkaPort = 0, controllerPort = 0] = await freePorts(3);
  const postgres = await startPostgres({ dataDir: join(folder, 'postgres'), port, durable: false });
  const jarsDir = jarsFolder();
  const kafka = await startKafka({
    dataDir: join(folder, 'kafka'),
    port: kafkaPort,
    controllerPort,
    jarsDir,
    heapMb: 400,
  });
  return {
    backing: { postgresUrl: postgres.url, brokers: kafka.brokers },
    stop: async () => {
      await kafka.stop();
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Kafka's jars are kept between runs. */
export function jarsFolder(): string {
  return join(process.env['BATON_CACHE'] ?? join(homedir(), '.cache', 'baton'), 'kafka');
}
