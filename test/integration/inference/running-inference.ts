import type { EventType, Route, RouteReport, ServingPlan } from '@baton/contracts';
import { InferenceConfig } from '@baton/inference/config';
import { inferenceService } from '@baton/inference/service';
import { createService, type RunningService } from '@baton/service';
import {
  collectEvents,
  testKafka,
  testKeys,
  waitFor,
  type CollectedEvents,
  type TestKafka,
  type TestKeys,
} from '@baton/testing';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArtifactServer, SERVICE_KEY } from './artifact-server.js';
import { deploymentKey, PlanVoice, registryKey, releasedRoute, type TestModel } from './released-models.js';

const published = ['prediction.logged', 'replica.reported', 'integrity.violated'] as const satisfies EventType[];

export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

interface Call {
  readonly as?: keyof TestKeys | { authorization: string } | 'nobody';
  readonly json?: unknown;
  readonly body?: string | Buffer;
  readonly headers?: Record<string, string>;
}

/** A replica in this process, with what is around it: a registry's artifacts, plans on Kafka, events out. */
export class RunningInference {
  readonly config = new InferenceConfig();
  readonly plans: PlanVoice;
  readonly events: CollectedEvents;
  readonly folder = mkdtempSync(join(tmpdir(), 'baton-inference-'));
  service: RunningService | undefined;

  private constructor(
    readonly kafka: TestKafka,
    readonly keys: TestKeys,
    readonly artifacts: ArtifactServer,
  ) {
    this.plans = new PlanVoice(kafka);
    this.events = collectEvents(kafka, published);
    Object.assign(this.config, {
      port: 0,
      logLevel: 'error',
      kafkaBrokers: kafka.brokers,
      kafkaPrefix: kafka.prefix,
      dataDir: join(this.folder, 'data'),
      registryUrl: artifacts.url,
      serviceKeyFile: this.file('service.key', `${SERVICE_KEY}\n`),
      trustedRegistryKeyFile: this.file('registry.pem', registryKey.publicKeyPem),
      trustedDeploymentKeyFile: this.file('deployment.pem', deploymentKey.publicKeyPem),
    });
  }

  static async start(change: Partial<InferenceConfig> = {}): Promise<RunningInference> {
    const running = await RunningInference.prepare(change);
    await running.start();
    return running;
  }

  /** Everything but the replica itself. */
  static async prepare(change: Partial<InferenceConfig> = {}, kafka?: TestKafka): Promise<RunningInference> {
    const used = kafka ?? (await testKafka());
    const running = new RunningInference(used, await testKeys(used), await ArtifactServer.start());
    Object.assign(running.config, { grpcPort: await freePort(), ...change });
    return running;
  }

  async start(): Promise<void> {
    this.service = await createService(inferenceService, this.config);
    await this.ready();
  }

  async ready(): Promise<void> {
    await waitFor(async () => ((await fetch(`${this.url}/readyz`)).ok ? true : undefined), { what: 'readiness' });
  }

  async stop(): Promise<void> {
    await this.service?.close();
    this.service = undefined;
  }

  async remove(): Promise<void> {
    await this.stop();
    await this.events.stop();
    await this.plans.close();
    await this.artifacts.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get url(): string {
    return String(this.service?.url);
  }

  file(name: string, content: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  }

  /** Says a plan with this one route, and waits until it is served. */
  async deploy(endpoint: string, model: TestModel, change: Partial<ServingPlan> = {}, version = 1): Promise<Route> {
    this.artifacts.keep(model.bytes);
    const route = releasedRoute(model, version);
    await this.plans.say(this.plans.plan(endpoint, [route], change));
    await this.reported(route.deployment, 'ready');
    return route;
  }

  /** Waits for a report on the deployment in this state. */
  async reported(deployment: string, state: RouteReport['state'], timeoutMs = 15_000): Promise<RouteReport> {
    const find = (routes: readonly RouteReport[] = []) =>
      routes.find((route) => route.deployment === deployment && route.state === state);
    const event = await this.events.waitFor('replica.reported', ({ data }) => Boolean(find(data?.routes)), timeoutMs);
    return find(event.data?.routes) as RouteReport;
  }

  async call<T = Record<string, unknown>>(method: string, path: string, options: Call = {}): Promise<Answer<T>> {
    const { as = 'predictor', json, body, headers = {} } = options;
    const credentials = this.credentials(as);
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { ...credentials, ...(json === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : Uint8Array.from(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: (text ? JSON.parse(text) : undefined) as T };
  }

  private credentials(as: NonNullable<Call['as']>): Record<string, string> {
    if (typeof as === 'object') return as;
    return as === 'nobody' ? {} : this.keys[as];
  }

  infer<T = InferAnswer>(endpoint: string, json: unknown, options: Call = {}): Promise<Answer<T>> {
    return this.call<T>('POST', `/v2/models/${endpoint}/infer`, { ...options, json });
  }
}

export interface InferAnswer {
  readonly error?: string;
  readonly model_name?: string;
  readonly model_version?: string;
  readonly id?: string;
  readonly parameters?: Record<string, unknown>;
  readonly outputs?: { name: string; datatype: string; shape: number[]; data: (number | string | null)[] }[];
}

export function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => done(port));
    });
  });
}

/** Equal, but for the last digits of numbers. */
export function closeTo(actual: readonly unknown[], expected: readonly unknown[]): boolean {
  return (
    actual.length === expected.length &&
    expected.every((value, index) => {
      const other = actual[index];
      if (typeof value !== 'number' || typeof other !== 'number') return value === other;
      return Math.abs(value - other) <= 1e-5 + 1e-4 * Math.abs(value);
    })
  );
}
