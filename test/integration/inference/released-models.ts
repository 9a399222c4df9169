import { EventProducer, MessagingOptions } from '@baton/messaging';
import { newId, type EndpointPolicy, type Route, type ServingPlan, type TensorSignature } from '@baton/contracts';
import {
  generateSigningKey,
  loadPrivateKey,
  PLAN_TYPE,
  rootDigest,
  signDetached,
  signRelease,
  type Release,
} from '@baton/signing';
import type { TestKafka } from '@baton/testing';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

export const registryKey = generateSigningKey();
export const deploymentKey = generateSigningKey();

export const openPolicy: EndpointPolicy = {
  record: 'write',
  eventTime: false,
  window: '3600',
  latenessSeconds: 300,
  logging: 'full',
  features: {},
};

export interface ExpectedTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: number[];
  readonly data: (number | string)[];
}

/** A model of `test/data/models`, with what it has to answer. */
export interface TestModel {
  readonly name: string;
  readonly bytes: Buffer;
  readonly inputs: TensorSignature[];
  readonly outputs: TensorSignature[];
  readonly features: string[];
  readonly expected: { readonly inputs: ExpectedTensor[]; readonly outputs: ExpectedTensor[] };
}

export function testModel(name: string): TestModel {
  const read = (file: string) => readFileSync(new URL(`../../data/models/${name}/${file}`, import.meta.url));
  const json = (file: string) => JSON.parse(read(file).toString()) as Record<string, unknown>;
  const { inputs, outputs, features } = json('info.json') as unknown as TestModel;
  const expected = json('expected.json') as unknown as TestModel['expected'];
  return { name, bytes: read('model.onnx'), inputs, outputs, features, expected };
}

export const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** A version as the registry releases it, on its way into a plan. */
export function releasedRoute(model: TestModel, version = 1, change: Partial<Release> = {}): Route {
  const files = [{ name: 'model.onnx', digest: sha256(model.bytes), size: model.bytes.length }];
  const digest = rootDigest(files);
  const approvedAt = new Date().toISOString();
  const release = { model: model.name, version, project: 'default', digest, approver: 'ann', approvedAt, files };
  const attestation = signRelease({ ...release, ...change }, loadPrivateKey(registryKey.privateKeyPem));
  return {
    deployment: newId(),
    model: model.name,
    version,
    digest,
    weight: 100,
    files,
    inputs: model.inputs,
    outputs: model.outputs,
    features: model.features,
    attestation: attestation,
  };
}

/** Speaks on `serving.plan` as the deployment service does. */
export class PlanVoice {
  private readonly producer: EventProducer;
  private readonly revisions = new Map<string, number>();

  constructor(kafka: TestKafka) {
    this.producer = new EventProducer(new MessagingOptions({ service: 'deployment', ...kafka, outbox: false }));
  }

  /** A signed plan with the next revision of its endpoint. */
  plan(endpoint: string, routes: Route[], change: Partial<ServingPlan> = {}): ServingPlan {
    const revision = (this.revisions.get(endpoint) ?? 0) + 1;
    const said = { endpoint, project: 'default', revision, routes, policy: openPolicy, issuedAt: now(), ...change };
    this.revisions.set(endpoint, said.revision);
    const plain = JSON.parse(JSON.stringify(said)) as Omit<ServingPlan, 'signature'>;
    return { ...plain, signature: signDetached(PLAN_TYPE, plain, loadPrivateKey(deploymentKey.privateKeyPem)) };
  }

  async say(plan: ServingPlan): Promise<ServingPlan> {
    await this.producer.send([{ type: 'serving.plan', data: plan }]);
    return plan;
  }

  async withdraw(endpoint: string): Promise<void> {
    await this.producer.send([{ type: 'serving.plan', data: null, key: endpoint }]);
  }

  close(): Promise<void> {
    return this.producer.onModuleDestroy();
  }
}

function now(): string {
  return new Date().toISOString();
}
