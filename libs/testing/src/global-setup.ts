import { rmSync } from 'node:fs';
import type { TestProject } from 'vitest/node';
import { kafkaIn, postgresIn } from './own-servers.js';
import { runFolder, sweepRunFolders } from './run-folder.js';
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
const HEAP_MB = 400;
/** It is not killed, and the machine may be busy with several suites. */
const BROKER_SESSION_MS = 60_000;
const holder = ((globalThis as Record<symbol, unknown>)[KEY] ??= { users: 0 }) as Holder;

/** Starts Postgres and Kafka once for all projects of a test run. */
export async function setup(project: TestProject): Promise<void> {
  holder.users += 1;
  holder.running ??= start();
  project.provide('batonBacking', (await holder.running).backing);
}

/** Stops them when the last project is done, and what tests have forgotten to stop. */
export async function teardown(): Promise<void> {
  holder.users -= 1;
  if (holder.users > 0) return;
  const running = holder.running;
  holder.running = undefined;
  await (await running)?.stop();
  await sweepRunFolders();
}

async function start(): Promise<Running> {
  await sweepRunFolders();
  const folder = runFolder();
  const startPostgres = await postgresIn(folder, false);
  const startKafka = await kafkaIn(folder, { heapMb: HEAP_MB, brokerSessionMs: BROKER_SESSION_MS });
  const starting = Promise.allSettled([startPostgres(), startKafka()]);
  const stop = async () => {
    const [postgres, kafka] = await starting;
    if (kafka.status === 'fulfilled') await kafka.value.stop();
    if (postgres.status === 'fulfilled') {
      await postgres.value.stop();
      // It may lie outside of the folder.
      rmSync(postgres.value.dataDir, { recursive: true, force: true });
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const [postgres, kafka] = await starting;
    if (postgres.status === 'rejected') throw postgres.reason;
    if (kafka.status === 'rejected') throw kafka.reason;
    return { backing: { postgresUrl: postgres.value.url, brokers: kafka.value.brokers }, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
