import { freePorts } from '@baton/backing';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchPlatform, BenchSpace } from './bench-platform.js';
import { SERVER_CORE, startPinned } from './pinned.js';
import type { Contender, Server, StartOptions } from './server.js';

const READY_TIMEOUT_MS = 60_000;
/** Microseconds between two looks of the profiler. */
const PROFILE_INTERVAL_US = 250;

export interface ReplicaOptions {
  readonly platform: BenchPlatform;
  readonly space: BenchSpace;
  /** The service's program. */
  readonly main: string;
  /** Endpoints that must be served before it is ready. */
  readonly endpoints: readonly string[];
  /** Variables beside those of the space. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A replica of Baton's inference service as it is run in production: a process with variables. */
export class BenchReplica implements Contender {
  constructor(
    readonly name: string,
    private readonly options: ReplicaOptions,
  ) {}

  /** Kafka runs until the replica has read what it is to serve. */
  async start({ profileTo }: StartOptions = {}): Promise<Server> {
    const { platform, space, main, env } = this.options;
    const [port = 0, grpcPort = 0] = await freePorts(2);
    const dataDir = mkdtempSync(join(space.folder, 'replica-'));
    const variables = {
      PATH: process.env['PATH'],
      ...{ HOST: '127.0.0.1', PORT: String(port), GRPC_PORT: String(grpcPort), DATA_DIR: dataDir, LOG_LEVEL: 'warn' },
      ...space.environment,
      ...env,
    };
    platform.thaw();
    const args = ['--disable-warning=TimeoutNegativeWarning', ...profileArgs(profileTo), main];
    const child = startPinned(SERVER_CORE, process.execPath, args, { env: variables });
    const stop = async () => {
      // A profile is written at an end in order.
      await (profileTo === undefined ? child.kill() : child.stop());
      rmSync(dataDir, { recursive: true, force: true });
    };
    try {
      await child.answering(() => this.isServing(port), READY_TIMEOUT_MS);
    } catch (error) {
      await stop();
      throw error;
    }
    return { port, grpcPort, pids: [child.pid], said: () => child.said, stop };
  }

  private async isServing(port: number): Promise<boolean> {
    const url = `http://127.0.0.1:${port}`;
    if (!(await fetch(`${url}/readyz`)).ok) return false;
    const headers = { authorization: this.options.space.predictor };
    for (const endpoint of this.options.endpoints) {
      if (!(await fetch(`${url}/v2/models/${endpoint}/ready`, { headers })).ok) return false;
    }
    return true;
  }
}

function profileArgs(folder: string | undefined): string[] {
  if (folder === undefined) return [];
  return ['--cpu-prof', `--cpu-prof-dir=${folder}`, `--cpu-prof-interval=${PROFILE_INTERVAL_US}`];
}
