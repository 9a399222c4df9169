import type { RunningKafka, RunningPostgres } from '@baton/backing';
import { rmSync } from 'node:fs';
import { kafkaIn, postgresIn } from './own-servers.js';
import { runFolder } from './run-folder.js';

/** After a kill it is to be there again soon. */
const BROKER_SESSION_MS = 2000;

/** A server that one test may mistreat. It keeps its port and its data over restarts. */
interface Dedicated {
  /** SIGKILL: no chance to tidy up. */
  kill(): Promise<void>;
  /** SIGSTOP of all its processes: open connections, no answers. */
  pause(): void;
  resume(): void;
  /** Orderly. */
  stop(): Promise<void>;
  /** After `kill` or `stop`. */
  start(): Promise<void>;
  /** Stops it for good and removes its data. */
  remove(): Promise<void>;
}

export interface DedicatedKafka extends Dedicated {
  readonly brokers: string[];
}

export interface DedicatedPostgres extends Dedicated {
  /** As superuser, to the database `baton`. */
  readonly url: string;
}

export async function dedicatedKafka(): Promise<DedicatedKafka> {
  const folder = runFolder();
  const start = await kafkaIn(folder, { heapMb: 300, brokerSessionMs: BROKER_SESSION_MS });
  const { server, running } = await mistreatable(start, folder);
  return { ...server, brokers: [running.brokers] };
}

export async function dedicatedPostgres(): Promise<DedicatedPostgres> {
  const folder = runFolder();
  const { server, running } = await mistreatable(await postgresIn(folder, true), folder);
  return { ...server, url: running.url };
}

async function mistreatable<T extends RunningKafka | RunningPostgres>(
  start: () => Promise<T>,
  folder: string,
): Promise<{ server: Dedicated; running: T }> {
  let running = await start();
  const server = {
    kill: async () => {
      running.kill('SIGKILL');
      await running.stop();
    },
    pause: () => running.kill('SIGSTOP'),
    resume: () => running.kill('SIGCONT'),
    stop: () => running.stop(),
    start: async () => {
      running = await start();
    },
    remove: async () => {
      running.kill('SIGCONT');
      await running.stop();
      // Postgres' data may lie outside of the folder.
      for (const data of ['dataDir' in running ? running.dataDir : folder, folder])
        rmSync(data, { recursive: true, force: true });
    },
  };
  return { server, running };
}
