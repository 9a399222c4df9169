import {
  newId,
  type EndpointPolicy,
  type EventType,
  type FileRecord,
  type ModelApproved,
  type ModelRegistered,
  type PredictionLogged,
  type Route,
  type ServingPlan,
} from '@baton/contracts';
import { EventProducer, MessagingOptions, type OutgoingEvent } from '@baton/messaging';
import type { TestKafka } from '@baton/testing';
import { createHash } from 'node:crypto';

/** A deployed version, as the other services tell of it. */
export interface Served {
  readonly endpoint: string;
  readonly project: string;
  readonly deployment: string;
  readonly model: string;
  readonly version: number;
  readonly digest: string;
}

export interface Serving {
  readonly endpoint: string;
  readonly version?: number;
  readonly project?: string;
  readonly deployment?: string;
  readonly reference?: FileRecord;
  readonly policy?: Partial<EndpointPolicy>;
}

const monthly: EndpointPolicy = {
  record: 'write',
  eventTime: true,
  window: 'month',
  latenessSeconds: 300,
  logging: 'full',
  features: {},
};

/** What every version here looks like: two numbers in, a kind of weather out. */
const tensors = {
  inputs: [{ name: 'x', datatype: 'FP64' as const, shape: [-1, 2] }],
  outputs: [{ name: 'kind', datatype: 'BYTES' as const, shape: [-1] }],
};
const attestation = { payloadType: 'application/vnd.in-toto+json', payload: '', signatures: [{ sig: 'c2ln' }] };

/** Speaks on Kafka as registry, deployment and inference do. */
export class PlatformVoice {
  private readonly producer: EventProducer;
  private readonly revisions = new Map<string, number>();

  constructor(kafka: TestKafka) {
    this.producer = new EventProducer(new MessagingOptions({ service: 'inference', ...kafka, outbox: false }));
  }

  /** A version that was registered, approved and deployed. */
  async serve(serving: Serving): Promise<Served> {
    const { endpoint, version = 1, project = 'default', reference, policy } = serving;
    const model = endpoint;
    const digest = createHash('sha256').update(`${model}@${version}`).digest('hex');
    const files = [{ name: 'model.onnx', digest, size: 1 }];
    const fact = { model, project, version, digest, files, ...tensors, reference, features: ['wind', 'rain'] };
    const { deployment = newId() } = serving;
    const served = { endpoint, project, deployment, model, version, digest };
    const at = '2026-01-02T03:04:05.000Z';
    const registered: ModelRegistered = {
      ...{ ...fact, revision: 2 * version - 1, opset: { '': 21 }, metrics: { accuracy: 0.75 } },
      ...{ author: 'sam', registeredAt: at },
    };
    const approved: ModelApproved = {
      ...{ ...fact, revision: 2 * version, approver: 'ann', reason: 'good enough' },
      ...{ approvedAt: '2026-01-03T00:00:00.000Z', attestation },
    };
    const step = { ...served, strategy: 'immediate' as const, revision: 1, requestedBy: 'otto' };
    await this.say('model.registered', registered);
    await this.say('model.approved', approved);
    await this.say('deployment.requested', { ...step, at: '2026-01-04T00:00:00.000Z' });
    await this.plan(served, { ...fact, ...served, weight: 100, attestation }, policy);
    await this.say('deployment.completed', { ...step, at: '2026-01-05T00:00:00.000Z' });
    return served;
  }

  async plan({ endpoint, project }: Served, route: Route | undefined, policy?: Partial<EndpointPolicy>): Promise<void> {
    const revision = (this.revisions.get(endpoint) ?? 0) + 1;
    this.revisions.set(endpoint, revision);
    const plan: ServingPlan = {
      ...{ endpoint, project, revision, routes: route ? [route] : [], policy: { ...monthly, ...policy } },
      ...{ issuedAt: new Date().toISOString(), signature: { sig: 'c2ln' } },
    };
    await this.say('serving.plan', plan);
  }

  async predictions(predictions: readonly PredictionLogged[], trace?: (index: number) => string): Promise<void> {
    await this.send(
      predictions.map((data, index) => ({ type: 'prediction.logged', data, traceparent: trace?.(index) })),
    );
  }

  async say<T extends EventType>(type: T, data: OutgoingEvent<T>['data'], key?: string): Promise<void> {
    await this.send([{ type, data, ...(key === undefined ? {} : { key }) }]);
  }

  async send(events: readonly OutgoingEvent[]): Promise<void> {
    await this.producer.send(events);
  }

  close(): Promise<void> {
    return this.producer.onModuleDestroy();
  }
}
