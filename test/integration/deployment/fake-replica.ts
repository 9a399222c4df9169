import { newId, type LoadState, type RouteReport, type ServingPlan } from '@baton/contracts';
import type { Voice } from './registry-voice.js';

/** Reports as a replica does, and loads nothing. */
export class FakeReplica {
  readonly id = newId();
  private revision = 0;
  private readonly routes = new Map<string, RouteReport>();

  constructor(private readonly voice: Voice) {}

  /** Says hello, or goes on living. */
  async beat(reportedAt = new Date()): Promise<void> {
    await this.report(false, reportedAt);
  }

  /** Says how the first route of a plan does here. */
  async answer(plan: ServingPlan, state: LoadState, reason?: string): Promise<void> {
    const [route] = plan.routes;
    if (!route) throw new Error('the plan has no route');
    const { deployment, model, version, digest } = route;
    const { endpoint, revision: planRevision } = plan;
    this.routes.set(endpoint, { endpoint, planRevision, deployment, model, version, digest, state, reason });
    await this.report(false, new Date());
  }

  async leave(): Promise<void> {
    await this.report(true, new Date());
  }

  private async report(leaving: boolean, reportedAt: Date): Promise<void> {
    this.revision += 1;
    const { id: replica, revision } = this;
    const routes = [...this.routes.values()];
    await this.voice.say('replica.reported', {
      replica,
      revision,
      routes,
      leaving,
      reportedAt: reportedAt.toISOString(),
    });
  }
}
