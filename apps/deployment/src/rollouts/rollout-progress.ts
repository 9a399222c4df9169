import { Database, type Transaction } from '@baton/database';
import { withSpan } from '@baton/telemetry';
import { Injectable } from '@nestjs/common';
import { DeploymentConfig } from '../config.js';
import type { Endpoint } from '../endpoints/endpoint.entity.js';
import { lockEndpoint } from '../endpoints/endpoints.queries.js';
import { PlansService } from '../plans/plans.service.js';
import { ReplicasService } from '../replicas/replicas.service.js';
import { DeploymentStepRow } from './deployment-step.entity.js';
import { Deployment } from './deployment.entity.js';
import { assess, wordOf, type Assessment } from './rollout-assessment.js';
import { RolloutSteps } from './rollout-steps.js';

interface Rollout {
  readonly endpoint: Endpoint;
  readonly deployment: Deployment;
}

/** Takes the next steps of deployments, by what the replicas say and by the clock. */
@Injectable()
export class RolloutProgress {
  constructor(
    private readonly database: Database,
    private readonly replicas: ReplicasService,
    private readonly steps: RolloutSteps,
    private readonly plans: PlansService,
    private readonly config: DeploymentConfig,
  ) {}

  /** Ids of the deployments that wait for replicas. */
  async loading(): Promise<string[]> {
    const rows = await this.database.manager.findBy(Deployment, { status: 'loading' });
    return rows.map(({ deployment }) => deployment);
  }

  /** Takes the steps that are due. Several processes may call it at once: the endpoint's lock lets one after the other. */
  advance(id: string): Promise<void> {
    return this.database.transaction(async (tx) => {
      const { endpoint: name } = await tx.manager.findOneByOrFail(Deployment, { deployment: id });
      const endpoint = await lockEndpoint(tx, name);
      const deployment = await tx.manager.findOneBy(Deployment, { deployment: id, status: 'loading' });
      if (!endpoint || !deployment) return;
      const assessment = await this.assess(tx, deployment);
      const news = await this.newlyReady(tx, id, assessment);
      if (assessment.is === 'waiting' && news.length === 0) return;
      const parent = { kind: 'internal' as const, parent: deployment.trace };
      await withSpan('advance rollout', parent, () => this.takeSteps(tx, { endpoint, deployment }, assessment, news));
    });
  }

  private async assess(tx: Transaction, deployment: Deployment): Promise<Assessment> {
    const now = new Date();
    const alive = await this.replicas.alive(tx.manager, now);
    const words = alive.map((replica) => wordOf(replica, deployment));
    return assess(words, { now, deadline: deployment.deadline, minReplicas: this.config.minReplicas });
  }

  private async newlyReady(tx: Transaction, deployment: string, { ready }: Assessment): Promise<string[]> {
    const told = await tx.manager.findBy(DeploymentStepRow, { deployment, event: 'progressed' });
    return ready.filter((replica) => !told.some((step) => step.replica === replica));
  }

  private async takeSteps(tx: Transaction, rollout: Rollout, assessment: Assessment, news: string[]): Promise<void> {
    const { endpoint, deployment } = rollout;
    const at = new Date();
    for (const replica of news) await this.steps.take(tx, 'progressed', rollout, { at, replicas: [replica] });
    if (assessment.is === 'completed') {
      await this.steps.take(tx, 'completed', rollout, { at, replicas: assessment.ready });
    } else if (assessment.is === 'refused') {
      const { reason, refusing } = assessment;
      await this.steps.take(tx, 'refused', rollout, { at, reason, replicas: refusing });
      endpoint.routes = deployment.previousRoutes;
      await this.plans.issue(tx, endpoint, deployment.deployment);
    }
    await tx.manager.save([endpoint, deployment]);
  }
}
