import type { BatonEvent, ServingPlan } from '@baton/contracts';
import { Followers, type Follower } from '@baton/messaging';
import { withSpan } from '@baton/telemetry';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';
import { IntegrityReports } from '../models/integrity-reports.js';
import { TrustRoots } from '../trust-roots.js';
import { Endpoints } from './endpoints.js';
import { plainPlan } from './plan-files.js';
import { planProblem } from './plan-verification.js';
import { PlanWork } from './plan-work.js';

/** How long a start waits for what was served before; what takes longer goes on behind. */
const RESTORE_MS = 30_000;

/** Follows the plans: what they name is verified and loaded before it takes the place of what is served. */
@Injectable()
export class PlansService implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy {
  private readonly stopping = new AbortController();
  private readonly working = new Map<string, Promise<void>>();
  private follower: Follower<'serving.plan'> | undefined;

  constructor(
    private readonly endpoints: Endpoints,
    private readonly work: PlanWork,
    private readonly reports: IntegrityReports,
    private readonly trust: TrustRoots,
    private readonly followers: Followers,
  ) {}

  /** What was served before is served again, whoever else is there. */
  async onModuleInit(): Promise<void> {
    for (const plan of this.endpoints.saved()) this.accept(plan);
    const restored = Promise.allSettled(this.working.values());
    await Promise.race([restored, pause(RESTORE_MS, undefined, { ref: false })]);
  }

  onApplicationBootstrap(): void {
    this.follower = this.followers.follow('serving.plan', (event) => this.apply(event));
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    await this.follower?.stop();
    await Promise.allSettled(this.working.values());
  }

  /** Under a span that belongs to whoever made the plan; loading goes on below it. */
  private async apply({ data, subject, traceparent }: BatonEvent<'serving.plan'>): Promise<void> {
    const attributes = { 'messaging.system': 'kafka', 'messaging.destination.name': 'serving.plan' };
    const options = { kind: 'consumer' as const, attributes, ...(traceparent ? { parent: { traceparent } } : {}) };
    await withSpan('process serving.plan', options, () => {
      if (data === null) this.endpoints.remove(subject);
      else this.accept(plainPlan(data));
      return Promise.resolve();
    });
  }

  /** An older plan than the one that is followed says nothing any more. */
  private accept(plan: ServingPlan): void {
    const { endpoint, revision } = plan;
    if (revision <= (this.endpoints.get(endpoint)?.wanted.revision ?? 0)) return;
    const problem = planProblem(plan, this.trust.deployment);
    if (problem) {
      this.reports.report({ subject: `plan:${endpoint}`, kind: 'plan', reason: problem, endpoint });
      return;
    }
    this.endpoints.want(plan);
    const before = this.working.get(endpoint) ?? Promise.resolve();
    this.working.set(
      endpoint,
      before.then(() => this.work.follow(plan, this.stopping.signal)),
    );
  }
}
