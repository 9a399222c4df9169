import type { EndpointPolicy, PredictionLogged, Route, ServingPlan } from '@baton/contracts';
import { Followers } from '@baton/messaging';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';

/** What holds for an endpoint whose plan is not known any more: it was deleted before its log was read. */
const FALLBACK_POLICY: Pick<EndpointPolicy, 'window' | 'latenessSeconds' | 'logging' | 'features'> = {
  window: '3600',
  latenessSeconds: 300,
  logging: 'full',
  features: {},
};

export type WatchPolicy = typeof FALLBACK_POLICY;

/** The serving plans as they are now, and every route seen since the start. */
@Injectable()
export class EndpointPlans implements OnApplicationBootstrap {
  private readonly plans = new Map<string, ServingPlan>();
  private readonly routes = new Map<string, Route>();
  private readonly gone = new Set<string>();

  constructor(private readonly followers: Followers) {}

  onApplicationBootstrap(): void {
    this.followers.follow('serving.plan', ({ data, subject }) => {
      if (data) this.remember(data);
      // Its log may still be on the way: the last plan stays, until an endpoint of the same name begins anew.
      else this.gone.add(subject);
    });
  }

  /** True when the plan that the prediction was made under, or a later one, has been seen. */
  covers({
    deployment,
    endpoint,
    receivedAt,
  }: Pick<PredictionLogged, 'deployment' | 'endpoint' | 'receivedAt'>): boolean {
    const plan = this.plans.get(endpoint);
    return this.routes.has(deployment) || (plan !== undefined && Date.parse(plan.issuedAt) > Date.parse(receivedAt));
  }

  policyOf(endpoint: string): WatchPolicy {
    return this.plans.get(endpoint)?.policy ?? FALLBACK_POLICY;
  }

  routeOf(deployment: string): Route | undefined {
    return this.routes.get(deployment);
  }

  projectOf(endpoint: string): string | undefined {
    return this.plans.get(endpoint)?.project;
  }

  private remember(plan: ServingPlan): void {
    const known = this.plans.get(plan.endpoint);
    const isNew = this.gone.delete(plan.endpoint);
    if (known && known.revision > plan.revision && !isNew) return;
    this.plans.set(plan.endpoint, plan);
    for (const route of plan.routes) this.routes.set(route.deployment, route);
  }
}
