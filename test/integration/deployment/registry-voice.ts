import { newId, type EventPayload, type ModelApproved, type ModelRegistered } from '@baton/contracts';
import { EventProducer, MessagingOptions } from '@baton/messaging';
import { generateSigningKey, loadPrivateKey, rootDigest, signRelease } from '@baton/signing';
import type { TestKafka } from '@baton/testing';
import { createHash } from 'node:crypto';

/** A version as the registry would tell of it. */
export interface SpokenVersion {
  readonly model: string;
  readonly version: number;
  readonly digest: string;
  readonly registered: ModelRegistered;
  readonly approved: ModelApproved;
}

export const registryKey = generateSigningKey();

/** What the registry says of a version: registered as the model's revision 2v-1, approved as 2v. */
export function speakOf(
  model: string,
  version: number,
  project = 'default',
  keyPem = registryKey.privateKeyPem,
): SpokenVersion {
  const bytes = createHash('sha256').update(`${model}@${version}`).digest('hex');
  const files = [{ name: 'model.onnx', digest: bytes, size: 100 }];
  const digest = rootDigest(files);
  const tensors = {
    inputs: [{ name: 'x', datatype: 'FP32' as const, shape: [-1, 1] }],
    outputs: [{ name: 'y', datatype: 'FP32' as const, shape: [-1, 1] }],
  };
  const fact = { model, project, version, digest, files, ...tensors, features: ['x'] };
  const at = new Date().toISOString();
  const release = { model, version, project, digest, approver: 'ann', approvedAt: at, files };
  return {
    model,
    version,
    digest,
    registered: { ...fact, revision: 2 * version - 1, opset: { '': 21 }, author: 'sam', registeredAt: at },
    approved: {
      ...fact,
      revision: 2 * version,
      approver: 'ann',
      approvedAt: at,
      attestation: signRelease(release, loadPrivateKey(keyPem)),
    },
  };
}

type Heard = 'model.registered' | 'model.approved' | 'model.rejected' | 'alias.changed' | 'replica.reported';

/** Speaks on Kafka as the other services do. */
export class Voice {
  private readonly producer: EventProducer;

  constructor(kafka: TestKafka) {
    this.producer = new EventProducer(new MessagingOptions({ service: 'registry', ...kafka, outbox: false }));
  }

  async say<T extends Heard>(type: T, data: EventPayload<T>, id: string = newId()): Promise<void> {
    await this.producer.send([{ type, data, id }]);
  }

  /** A version that was registered and approved. */
  async release(model: string, version = 1, project = 'default'): Promise<SpokenVersion> {
    const spoken = speakOf(model, version, project);
    await this.say('model.registered', spoken.registered);
    await this.say('model.approved', spoken.approved);
    return spoken;
  }

  async point(model: string, alias: string, to: number | null, revision: number): Promise<void> {
    const move = { model, project: 'default', alias, from: null, to, revision, changedBy: 'sam' };
    await this.say('alias.changed', { ...move, changedAt: new Date().toISOString() });
  }

  close(): Promise<void> {
    return this.producer.onModuleDestroy();
  }
}
