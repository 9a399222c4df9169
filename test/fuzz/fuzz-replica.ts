import { freePorts } from '@baton/backing';
import { EventProducer, MessagingOptions } from '@baton/messaging';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ArtifactServer, SERVICE_KEY } from '../integration/inference/artifact-server.js';
import { deploymentKey, PlanVoice, registryKey, releasedRoute } from '../integration/inference/released-models.js';
import { KEYS, keyRecords } from './fuzz-keys.js';
import { repositoryRoot, type FuzzEndpoint } from './fuzz-models.js';

const READY_WITHIN_MS = 60_000;
const MAX_SAID = 8000;

/** Topics that are nobody else's. */
export interface FuzzKafka {
  readonly brokers: string[];
  readonly prefix: string;
}

/** The service as it is run in production, a process of its own, with what it serves. */
export class FuzzReplica {
  /** The end of what it wrote. */
  said = '';
  private child: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    readonly grpcPort: number,
    private readonly folder: string,
    private readonly artifacts: ArtifactServer,
  ) {}

  /** @param main the service's program, where it is another than this repository's */
  static async start(kafka: FuzzKafka, endpoints: readonly FuzzEndpoint[], main = ownMain()): Promise<FuzzReplica> {
    const [port = 0, grpcPort = 0] = await freePorts(2);
    const folder = mkdtempSync(join(tmpdir(), 'baton-fuzz-'));
    const replica = new FuzzReplica(port, grpcPort, folder, await ArtifactServer.start());
    try {
      await replica.plan(kafka, endpoints);
      replica.run(kafka, main);
      await replica.serving(endpoints);
    } catch (error) {
      await replica.stop();
      throw error;
    }
    return replica;
  }

  /** How it ended; undefined while it runs. */
  get ended(): string | undefined {
    const { exitCode = null, signalCode = null } = this.child ?? {};
    return exitCode === null && signalCode === null ? undefined : `exit code ${exitCode}, signal ${signalCode}`;
  }

  async stop(): Promise<void> {
    if (this.child && this.ended === undefined) {
      const ended = once(this.child, 'exit');
      this.child.kill('SIGKILL');
      await ended;
    }
    await this.artifacts.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Says what is to be served, and who may ask. */
  private async plan(kafka: FuzzKafka, endpoints: readonly FuzzEndpoint[]): Promise<void> {
    const producer = new EventProducer(new MessagingOptions({ service: 'registry', ...kafka, outbox: false }));
    await producer.send(keyRecords().map((data) => ({ type: 'access.key', data })));
    await producer.onModuleDestroy();
    const plans = new PlanVoice(kafka);
    for (const { endpoint, model, policy } of endpoints) {
      this.artifacts.keep(model.bytes);
      await plans.say(plans.plan(endpoint, [releasedRoute(model)], { policy }));
    }
    await plans.close();
  }

  private run({ brokers, prefix }: FuzzKafka, main: string): void {
    const file = (name: string, content: string): string => {
      writeFileSync(join(this.folder, name), content, { mode: 0o600 });
      return join(this.folder, name);
    };
    const env = {
      PATH: process.env['PATH'],
      ...{ HOST: '127.0.0.1', PORT: String(this.port), GRPC_PORT: String(this.grpcPort), LOG_LEVEL: 'warn' },
      ...{ KAFKA_BROKERS: brokers.join(','), KAFKA_PREFIX: prefix, REGISTRY_URL: this.artifacts.url },
      DATA_DIR: join(this.folder, 'data'),
      SERVICE_KEY_FILE: file('service.key', SERVICE_KEY),
      TRUSTED_REGISTRY_KEY_FILE: file('registry.pem', registryKey.publicKeyPem),
      TRUSTED_DEPLOYMENT_KEY_FILE: file('deployment.pem', deploymentKey.publicKeyPem),
    };
    const child = spawn(process.execPath, [main], { env });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text) => (this.said = `${this.said}${text}`.slice(-MAX_SAID)));
    }
    this.child = child;
  }

  private async serving(endpoints: readonly FuzzEndpoint[]): Promise<void> {
    const until = Date.now() + READY_WITHIN_MS;
    const headers = { authorization: `Bearer ${KEYS.predictor}` };
    for (const { endpoint } of endpoints) {
      const url = `http://127.0.0.1:${this.port}/v2/models/${endpoint}/ready`;
      while (!(await isOk(url, headers))) {
        if (this.ended !== undefined) throw new Error(`the replica ended: ${this.ended}\n${this.said}`);
        if (Date.now() > until) throw new Error(`${endpoint} is not served\n${this.said}`);
        await pause(100);
      }
    }
  }
}

async function isOk(url: string, headers: Record<string, string>): Promise<boolean> {
  try {
    return (await fetch(url, { headers })).ok;
  } catch {
    return false;
  }
}

function ownMain(): string {
  return join(repositoryRoot(), 'apps/inference/dist/main.js');
}
