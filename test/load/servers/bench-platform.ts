import { createAccessKey } from '@baton/access';
import { freePorts, startKafka, type RunningKafka } from '@baton/backing';
import type { RecordMode, Role, ServingPlan } from '@baton/contracts';
import { ensureTopics, EventProducer, MessagingOptions } from '@baton/messaging';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArtifactServer, SERVICE_KEY } from '../../integration/inference/artifact-server.js';
import {
  deploymentKey,
  openPolicy,
  PlanVoice,
  registryKey,
  releasedRoute,
  type TestModel,
} from '../../integration/inference/released-models.js';

/** What a replica needs to start: Kafka with plans and keys, and a registry's artifacts. */
export class BenchPlatform {
  private readonly folder = mkdtempSync(join(tmpdir(), 'baton-bench-'));
  private kafka: RunningKafka | undefined;
  private isFrozen = false;

  private constructor(private readonly artifacts: ArtifactServer) {}

  static async start(): Promise<BenchPlatform> {
    const platform = new BenchPlatform(await ArtifactServer.start());
    try {
      const [port = 0, controllerPort = 0] = await freePorts(2);
      const { BATON_CACHE, JAVA_HOME, MAVEN_REPOSITORY } = process.env;
      platform.kafka = await startKafka({
        ...{ port, controllerPort, heapMb: 400, javaHome: JAVA_HOME, repository: MAVEN_REPOSITORY },
        dataDir: join(platform.folder, 'kafka'),
        jarsDir: join(BATON_CACHE ?? join(homedir(), '.cache', 'baton'), 'kafka'),
      });
    } catch (error) {
      await platform.stop();
      throw error;
    }
    return platform;
  }

  /** Topics and keys of its own for some replicas, so that no other's plans reach them. */
  async space(): Promise<BenchSpace> {
    this.thaw();
    const kafka = { brokers: [String(this.kafka?.brokers)], prefix: `b${randomBytes(5).toString('hex')}.` };
    await ensureTopics(kafka.brokers, kafka.prefix);
    return BenchSpace.open(kafka, this.artifacts, mkdtempSync(join(this.folder, 'space-')));
  }

  /** Kafka stands still and takes no time: a replica serves without it. */
  freeze(): void {
    if (!this.isFrozen) this.kafka?.kill('SIGSTOP');
    this.isFrozen = true;
  }

  thaw(): void {
    if (this.isFrozen) this.kafka?.kill('SIGCONT');
    this.isFrozen = false;
  }

  async stop(): Promise<void> {
    this.thaw();
    await this.kafka?.stop();
    await this.artifacts.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Topics, keys and plans that some replicas share. */
export class BenchSpace {
  private readonly plans: PlanVoice;

  private constructor(
    private readonly kafka: { readonly brokers: string[]; readonly prefix: string },
    private readonly artifacts: ArtifactServer,
    readonly folder: string,
    /** Value of the `Authorization` header of someone who may predict. */
    readonly predictor: string,
    readonly admin: string,
  ) {
    this.plans = new PlanVoice(kafka);
  }

  static async open(
    kafka: { brokers: string[]; prefix: string },
    artifacts: ArtifactServer,
    folder: string,
  ): Promise<BenchSpace> {
    const make = (role: Role) => createAccessKey({ name: role, roles: [role], project: null, expiresAt: null });
    const made = [make('predictor'), make('admin')];
    const producer = new EventProducer(new MessagingOptions({ service: 'registry', ...kafka, outbox: false }));
    await producer.send(made.map(({ record: data }) => ({ type: 'access.key', data })));
    await producer.onModuleDestroy();
    const [predictor = '', admin = ''] = made.map(({ key }) => `Bearer ${key}`);
    writeFileSync(join(folder, 'service.key'), SERVICE_KEY, { mode: 0o600 });
    writeFileSync(join(folder, 'registry.pem'), registryKey.publicKeyPem);
    writeFileSync(join(folder, 'deployment.pem'), deploymentKey.publicKeyPem);
    return new BenchSpace(kafka, artifacts, folder, predictor, admin);
  }

  /** What tells a replica of this space. */
  get environment(): Record<string, string> {
    return {
      KAFKA_BROKERS: this.kafka.brokers.join(','),
      KAFKA_PREFIX: this.kafka.prefix,
      REGISTRY_URL: this.artifacts.url,
      SERVICE_KEY_FILE: join(this.folder, 'service.key'),
      TRUSTED_REGISTRY_KEY_FILE: join(this.folder, 'registry.pem'),
      TRUSTED_DEPLOYMENT_KEY_FILE: join(this.folder, 'deployment.pem'),
    };
  }

  /** Says that an endpoint serves the model from now on. */
  async deploy(endpoint: string, model: TestModel, record: RecordMode, version = 1): Promise<ServingPlan> {
    this.artifacts.keep(model.bytes);
    const policy = { ...openPolicy, record };
    return this.plans.say(this.plans.plan(endpoint, [releasedRoute(model, version)], { policy }));
  }

  async close(): Promise<void> {
    await this.plans.close();
  }
}
