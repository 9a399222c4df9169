import type { ServingPlan } from '@baton/contracts';
import { createLogger } from '@baton/telemetry';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { IntegrityReports } from '../models/integrity-reports.js';
import { TrustRoots } from '../trust-roots.js';
import { within } from '../within.js';
import { revisionOf, unknownEndpoint } from './endpoint-state.js';
import { Endpoints } from './endpoints.js';
import { PlanFiles } from './plan-files.js';
import { planDigest, planProblem } from './plan-signature.js';
import { PlanWork } from './plan-work.js';

const log = createLogger('plans');
/** How long a start waits for what was served before; what takes longer goes on behind. */
const RESTORE_MS = 10_000;
const STOP_WITHIN_MS = 1000;

interface Work {
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

/** Takes plans in: those that the deployment service stands for, each newer than the one before. */
@Injectable()
export class PlansService implements OnModuleInit, OnModuleDestroy {
  private readonly working = new Map<string, Work>();

  constructor(
    private readonly endpoints: Endpoints,
    private readonly files: PlanFiles,
    private readonly work: PlanWork,
    private readonly reports: IntegrityReports,
    private readonly trust: TrustRoots,
  ) {}

  /** What was served before is served again, whoever else is there. */
  async onModuleInit(): Promise<void> {
    for (const plan of this.files.readAll()) this.accept(plan);
    await within(RESTORE_MS, Promise.all([...this.working.values()].map(({ done }) => done)));
  }

  async onModuleDestroy(): Promise<void> {
    const all = [...this.working.values()];
    for (const { stop } of all) stop.abort();
    await within(STOP_WITHIN_MS, Promise.all(all.map(({ done }) => done)));
  }

  /** An older plan than the one that is followed says nothing any more. */
  accept(plan: ServingPlan): void {
    const { endpoint } = plan;
    if (plan.revision <= revisionOf(this.endpoints.get(endpoint) ?? unknownEndpoint)) return;
    const problem = planProblem(plan, this.trust.deployment);
    if (problem !== undefined) {
      const actual = planDigest(plan);
      this.reports.report({ subject: `plan:${endpoint}`, kind: 'plan', reason: problem, actual, endpoint });
      this.endpoints.reject(plan, problem);
      return;
    }
    this.endpoints.want(plan);
    this.start(plan);
  }

  remove(endpoint: string): void {
    this.working.get(endpoint)?.stop.abort();
    this.working.delete(endpoint);
    const routes = this.endpoints.remove(endpoint);
    log.info('an endpoint is gone', { endpoint });
    this.work.giveBack(routes).catch((error: unknown) => log.error('a model was not released', { endpoint, error }));
  }

  private start(plan: ServingPlan): void {
    const { endpoint } = plan;
    this.working.get(endpoint)?.stop.abort();
    const stop = new AbortController();
    const done = this.work
      .follow(plan, stop.signal)
      .catch((error: unknown) => log.error('a plan could not be followed', { endpoint, error }));
    this.working.set(endpoint, { stop, done });
  }
}
