import type { BatonEvent, EventType } from '@baton/contracts';
import { runMigrations } from '@baton/database';
import { MonitoringConfig } from '@baton/monitoring/config';
import type { PredictionResponse } from '@baton/monitoring/predictions/predictions.dto';
import type { ReplicaLogResponse } from '@baton/monitoring/replicas/replicas.dto';
import { monitoringSchema } from '@baton/monitoring/schema';
import { monitoringService } from '@baton/monitoring/service';
import type { WindowResponse } from '@baton/monitoring/windows/windows.dto';
import { createService, type ProblemBody, type RunningService } from '@baton/service';
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
import { PlatformVoice } from './platform-voice.js';
import { ReferenceServer } from './reference-server.js';

const published = ['window.closed', 'drift.detected', 'integrity.violated'] as const satisfies EventType[];
export const SERVICE_KEY = 'baton_monitoring_secret';

/** Of any answer: what a test doesn't look at is not there. */
type Body = Partial<PredictionResponse & ReplicaLogResponse & Omit<ProblemBody, 'status'>> & {
  items?: WindowResponse[];
  nextCursor?: string;
};

interface Surroundings {
  readonly database: Pick<TestDatabase, 'url' | 'query' | 'drop'>;
  readonly kafka: TestKafka;
  readonly keys: TestKeys;
  readonly registry: ReferenceServer;
}

/** The service in this process, with everything around it: events and HTTP in, events out. */
export class RunningMonitoring {
  readonly config = new MonitoringConfig();
  readonly voice: PlatformVoice;
  readonly events: CollectedEvents;
  private readonly folder = mkdtempSync(join(tmpdir(), 'baton-monitoring-'));
  private service: RunningService | undefined;

  private constructor(readonly around: Surroundings) {
    const { database, kafka, registry } = around;
    this.voice = new PlatformVoice(kafka);
    this.events = collectEvents(kafka, published);
    const serviceKeyFile = join(this.folder, 'monitoring.key');
    writeFileSync(serviceKeyFile, `${SERVICE_KEY}\n`, { mode: 0o600 });
    Object.assign(this.config, {
      ...{ port: 0, logLevel: 'error', databaseUrl: database.url },
      ...{ kafkaBrokers: kafka.brokers, kafkaPrefix: kafka.prefix },
      ...{ registryUrl: registry.url, serviceKeyFile, windowIdleSeconds: 1 },
    });
  }

  /** With a database, topics, keys and a registry of its own, or those that are given. */
  static async start(
    change: Partial<MonitoringConfig> = {},
    around: Partial<Surroundings> = {},
  ): Promise<RunningMonitoring> {
    const running = await RunningMonitoring.prepare(change, around);
    await running.start();
    return running;
  }

  /** The same, without the service itself. */
  static async prepare(
    change: Partial<MonitoringConfig> = {},
    around: Partial<Surroundings> = {},
  ): Promise<RunningMonitoring> {
    const database = around.database ?? (await testDatabase('monitoring'));
    const kafka = around.kafka ?? (await testKafka());
    const { schema, migrations } = monitoringSchema;
    await runMigrations({ url: database.url, schema, migrations });
    const keys = around.keys ?? (await testKeys(kafka));
    const registry = around.registry ?? (await ReferenceServer.start());
    const running = new RunningMonitoring({ database, kafka, keys, registry });
    Object.assign(running.config, change);
    return running;
  }

  async start(): Promise<void> {
    this.service = await createService(monitoringService, this.config);
    await this.ready();
  }

  async ready(): Promise<void> {
    await waitFor(async () => ((await fetch(`${this.url}/readyz`)).ok ? true : undefined), { what: 'readiness' });
  }

  async stop(): Promise<void> {
    await this.service?.close();
    this.service = undefined;
  }

  /** Ends the service and its listeners, and what it doesn't share with another. */
  async remove({ shared = false } = {}): Promise<void> {
    await this.stop();
    await this.events.stop();
    await this.voice.close();
    if (!shared) await this.around.registry.close();
    await this.around.database.drop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get app(): RunningService['app'] {
    if (!this.service) throw new Error('monitoring is not running');
    return this.service.app;
  }

  get url(): string {
    return String(this.service?.url);
  }

  async get(
    path: string,
    who: keyof TestKeys | { authorization?: string } = 'admin',
  ): Promise<{ status: number; headers: Headers; body: Body }> {
    const headers = typeof who === 'string' ? this.around.keys[who] : { ...who };
    const response = await fetch(`${this.url}${path}`, { headers });
    return { status: response.status, headers: response.headers, body: (await response.json()) as Body };
  }

  query<T>(sql: string, params: unknown[] = []): Promise<T[]> {
    return this.around.database.query<T>(sql, params);
  }

  /** Waits until so many different records of an endpoint are applied. */
  async applied(endpoint: string, count: number): Promise<void> {
    const sql = 'select count(*)::int as n from predictions where endpoint = $1';
    const enough = async () => ((await this.query<{ n: number }>(sql, [endpoint]))[0]?.n ?? 0) >= count || undefined;
    await waitFor(enough, { what: `${count} predictions of ${endpoint}`, timeoutMs: 30_000 });
  }

  /** The event that closed the window starting then, of a revision. */
  async closed(endpoint: string, start: string, revision = 1): Promise<BatonEvent<'window.closed'>['data'] & object> {
    const fits = ({ data }: BatonEvent<'window.closed'>) =>
      data?.endpoint === endpoint && data.start.startsWith(start) && data.revision === revision;
    const { data } = await this.events.waitFor('window.closed', fits, 30_000);
    if (!data) throw new Error('window.closed without data');
    return data;
  }
}
