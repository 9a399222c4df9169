import type { BatonEvent, EventType, ServingPlan } from '@baton/contracts';
import { runMigrations } from '@baton/database';
import { DeploymentConfig } from '@baton/deployment/config';
import type { EndpointResponse } from '@baton/deployment/endpoints/endpoints.dto';
import type { DeploymentResponse } from '@baton/deployment/rollouts/rollouts.dto';
import { deploymentSchema } from '@baton/deployment/schema';
import { deploymentService } from '@baton/deployment/service';
import { createService, type ProblemBody, type RunningService } from '@baton/service';
import { generateSigningKey } from '@baton/signing';
import {
  collectEvents,
  testDatabase,
  testKafka,
  testKeys,
  waitFor,
  type CollectedEvents,
  type TestDatabase,
  type TestKafka,
  type TestKeys,
} from '@baton/testing';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeReplica } from './fake-replica.js';
import { registryKey, Voice } from './registry-voice.js';

const published = [
  'deployment.requested',
  'deployment.started',
  'deployment.progressed',
  'deployment.completed',
  'deployment.refused',
  'serving.plan',
  'integrity.violated',
] as const satisfies EventType[];

export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** Of any answer: what a test doesn't look at is not there. */
type Body = Partial<DeploymentResponse & EndpointResponse & Omit<ProblemBody, 'status'>> & {
  items?: (DeploymentResponse & EndpointResponse)[];
  nextCursor?: string;
};

interface Call {
  readonly as?: keyof TestKeys | { authorization: string };
  readonly json?: unknown;
  readonly headers?: Record<string, string>;
}

/** The service in this process, with everything around it: HTTP in, events out. */
export class RunningDeployment {
  readonly plan = generateSigningKey();
  readonly config = new DeploymentConfig();
  readonly voice: Voice;
  readonly events: CollectedEvents;
  private readonly folder = mkdtempSync(join(tmpdir(), 'baton-deployment-'));
  private readonly replicas: FakeReplica[] = [];
  private service: RunningService | undefined;

  private constructor(
    readonly database: Pick<TestDatabase, 'url' | 'query' | 'drop'>,
    readonly kafka: TestKafka,
    readonly keys: TestKeys,
  ) {
    this.voice = new Voice(kafka);
    this.events = collectEvents(kafka, published);
    Object.assign(this.config, {
      port: 0,
      logLevel: 'error',
      databaseUrl: database.url,
      kafkaBrokers: kafka.brokers,
      kafkaPrefix: kafka.prefix,
      signingKeyFile: this.file('plan.pem', this.plan.privateKeyPem),
      trustedRegistryKeyFile: this.file('registry.pem', registryKey.publicKeyPem),
      rolloutCheckMs: 50,
      versionWaitMs: 10_000,
    });
  }

  static async start(change: Partial<DeploymentConfig> = {}): Promise<RunningDeployment> {
    const [database, kafka] = [await testDatabase('deployment'), await testKafka()];
    return RunningDeployment.on(database, kafka, change);
  }

  static async on(
    database: Pick<TestDatabase, 'url' | 'query' | 'drop'>,
    kafka: TestKafka,
    change: Partial<DeploymentConfig> = {},
  ): Promise<RunningDeployment> {
    const { schema, migrations } = deploymentSchema;
    await runMigrations({ url: database.url, schema, migrations });
    const running = new RunningDeployment(database, kafka, await testKeys(kafka));
    Object.assign(running.config, change);
    await running.start();
    return running;
  }

  async start(): Promise<void> {
    this.service = await createService(deploymentService, this.config);
    await this.ready();
  }

  async ready(): Promise<void> {
    await waitFor(async () => ((await fetch(`${this.url}/readyz`)).ok ? true : undefined), { what: 'readiness' });
  }

  async stop(): Promise<void> {
    await this.service?.close();
  }

  async remove(): Promise<void> {
    await this.stop();
    await this.events.stop();
    await this.voice.close();
    await this.database.drop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get url(): string {
    return String(this.service?.url);
  }

  /** A replica that is alive from now on, until `dismiss`. */
  async replica(): Promise<FakeReplica> {
    const replica = new FakeReplica(this.voice);
    this.replicas.push(replica);
    await replica.beat();
    await this.seen(replica, false);
    return replica;
  }

  /** All replicas say goodbye, so that the next test is alone. */
  async dismiss(): Promise<void> {
    for (const replica of this.replicas.splice(0)) {
      await replica.leave();
      await this.seen(replica, true);
    }
  }

  async seen({ id }: FakeReplica, leaving: boolean): Promise<void> {
    const count = 'select 1 from replicas where replica = $1 and leaving = $2';
    await this.row(count, [id, leaving], `replica ${id}`);
  }

  /** Waits for a row. */
  row<T>(sql: string, params: unknown[], what: string): Promise<T> {
    return waitFor(async () => (await this.database.query<T>(sql, params))[0], { what });
  }

  async call(method: string, path: string, { as = 'operator', json, headers = {} }: Call = {}): Promise<Answer<Body>> {
    const who = typeof as === 'string' ? this.keys[as] : as;
    const type = json === undefined ? {} : { 'content-type': 'application/json' };
    const body = json === undefined ? undefined : JSON.stringify(json);
    const response = await fetch(`${this.url}${path}`, { method, headers: { ...who, ...type, ...headers }, body });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: (text ? JSON.parse(text) : {}) as Body };
  }

  deploy(endpoint: string, json: object, headers: Record<string, string> = {}): Promise<Answer<Body>> {
    return this.call('POST', `/v1/endpoints/${endpoint}/deployments`, { json, headers });
  }

  async deployment(id: unknown): Promise<Body> {
    return (await this.call('GET', `/v1/deployments/${String(id)}`)).body;
  }

  async finished(id: unknown): Promise<Body> {
    const isOver = (body: Body) => body.status === 'completed' || body.status === 'refused';
    const over = async () => [await this.deployment(id)].find(isOver);
    return waitFor(over, { what: `end of deployment ${String(id)}` });
  }

  /** The plan that brings a deployment to the replicas. */
  async planOf(deployment: unknown): Promise<ServingPlan> {
    const { data } = await this.events.waitFor('serving.plan', (event) => routesOf(event).includes(String(deployment)));
    if (!data) throw new Error('a plan with a route has data');
    return data;
  }

  private file(name: string, content: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  }
}

export function routesOf({ data }: BatonEvent<'serving.plan'>): string[] {
  return (data?.routes ?? []).map(({ deployment }) => deployment);
}
