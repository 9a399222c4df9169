import { freePorts, startKafka, startPostgres, type RunningKafka, type RunningPostgres } from '@baton/backing';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jarsFolder } from './global-setup.js';

/** A server that one test may mistreat. It keeps its port and its data over restarts. */
interface Dedicated {
  /** SIGKILL: no chance to tidy up. */
  kill(): Promise<void>;
  /** SIGSTOP: open connections, no answers. */
  pause(): void;
  resume(): void;
  /** Orderly. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Stops it for good and removes its data. */
  remove(): Promise<void>;
}

export interface DedicatedKafka extends Dedicated {
  readonly brokers: string[];
}

export interface DedicatedPostgres extends Dedicated {
  readonly url: string;
}

export async function dedicatedKafka(): Promise<DedicatedKafka> {
  const folder = openFolder();
  const [port = 0, controllerPort = 0] = await freePorts(2);
  const options = { dataDir: join(folder, 'kafka'), port, controllerPort, jarsDir: jarsFolder(), heapMb: 300 };
  const server = await mistreatable(() => startKafka(options), folder);
  return { ...server, brokers: [`127.0.0.1:${port}`] };
}

export async function dedicatedPostgres(): Promise<DedicatedPostgres> {
  const folder = openFolder();
  const [port = 0] = await freePorts(1);
  let url = '';
  const server = await mistreatable(async () => {
    const postgres = await startPostgres({ dataDir: join(folder, 'postgres'), port, durable: true });
    url = postgres.url;
    return postgres;
  }, folder);
  return { ...server, url };
}

async function mistreatable(start: () => Promise<RunningKafka | RunningPostgres>, folder: string): Promise<Dedicated> {
  let running = await start();
  return {
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
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function openFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'baton-test-'));
  chmodSync(folder, 0o755);
  return folder;
}
