import type { Transaction } from '@baton/database';
import { Outbox } from '@baton/messaging';
import { Injectable } from '@nestjs/common';
import type { Endpoint } from '../endpoints/endpoint.entity.js';
import { SigningKeys } from '../signing-keys.js';
import { signedPlan } from './serving-plan.js';

/** Says what the replicas must serve. */
@Injectable()
export class PlansService {
  constructor(
    private readonly outbox: Outbox,
    private readonly keys: SigningKeys,
  ) {}

  /** Publishes the endpoint's plan under its revision, which must be a new one, and notes that on the locked row. */
  async issue(tx: Transaction, endpoint: Endpoint, correlationId?: string): Promise<void> {
    endpoint.planRevision = endpoint.revision;
    await this.outbox.publish(tx, 'serving.plan', signedPlan(endpoint, new Date(), this.keys.plan), { correlationId });
  }

  /** Tells the replicas that the endpoint is gone. */
  async withdraw(tx: Transaction, endpoint: Endpoint): Promise<void> {
    await this.outbox.publishTombstone(tx, 'serving.plan', endpoint.endpoint);
  }
}
