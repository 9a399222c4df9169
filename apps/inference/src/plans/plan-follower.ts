import type { BatonEvent } from '@baton/contracts';
import { Followers, type Follower } from '@baton/messaging';
import { Readiness } from '@baton/service';
import { withSpan } from '@baton/telemetry';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Endpoints } from './endpoints.js';
import { plainPlan } from './plan-files.js';
import { PlansService } from './plans.service.js';

/** Follows the topic of plans. */
@Injectable()
export class PlanFollower implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy {
  private follower: Follower<'serving.plan'> | undefined;
  private isInformed = false;
  private isReady = false;

  constructor(
    private readonly plans: PlansService,
    private readonly endpoints: Endpoints,
    private readonly followers: Followers,
    private readonly readiness: Readiness,
  ) {}

  onModuleInit(): void {
    this.readiness.add('plans', () => this.missing());
  }

  onApplicationBootstrap(): void {
    // A replica that knows from its disk what to serve needs nobody to tell.
    this.isInformed = this.endpoints.all().some(({ wanted }) => wanted !== undefined);
    this.follower = this.followers.follow('serving.plan', (event) => this.apply(event));
    void this.follower.caughtUp.then(() => (this.isInformed = true));
  }

  async onModuleDestroy(): Promise<void> {
    await this.follower?.stop();
  }

  /** A trace that led to the plan goes on here. */
  private async apply({ data, subject, traceparent, tracestate }: BatonEvent<'serving.plan'>): Promise<void> {
    const parent = { ...(traceparent ? { traceparent } : {}), ...(tracestate ? { tracestate } : {}) };
    const attributes = { 'messaging.system': 'kafka', 'messaging.destination.name': 'serving.plan' };
    await withSpan('process serving.plan', { kind: 'consumer', attributes, parent }, () => {
      if (data === null) this.plans.remove(subject);
      else this.plans.accept(plainPlan(data));
      return Promise.resolve();
    });
  }

  /**
   * Ready once everything that is known at first was tried. Later plans don't change that: a replica that loads one
   * version still serves the others.
   */
  private missing(): string | undefined {
    if (this.isReady) return undefined;
    if (!this.isInformed) return 'the serving plans have not been read yet';
    const loading = this.endpoints.all().flatMap(({ wanted, isTried }) => (isTried || !wanted ? [] : wanted.endpoint));
    if (loading.length > 0) return `loading ${loading.slice(0, 10).join(', ')}`;
    this.isReady = true;
    return undefined;
  }
}
