import type { LoadState, Route, RouteReport, ServingPlan } from '@baton/contracts';
import { Injectable } from '@nestjs/common';
import type { ServedModel } from '../models/served-model.js';
import { PlanFiles } from './plan-files.js';
import type { EndpointState, RouteState, ServedPlan } from './served-endpoints.js';

/** The endpoints of this replica. What is served changes only for something verified and loaded. */
@Injectable()
export class Endpoints {
  private readonly states = new Map<string, EndpointState>();
  private readonly listeners = new Set<() => void>();

  constructor(private readonly files: PlanFiles) {}

  /** Plans that were served when the replica last ran. */
  saved(): ServingPlan[] {
    return this.files.readAll();
  }

  get(endpoint: string): EndpointState | undefined {
    return this.states.get(endpoint);
  }

  served(endpoint: string): ServedPlan | undefined {
    return this.states.get(endpoint)?.served;
  }

  all(): readonly EndpointState[] {
    return [...this.states.values()];
  }

  onChange(listener: () => void): void {
    this.listeners.add(listener);
  }

  /** The plan is the one to follow from now on; what is served stays until it can take its place. */
  want(plan: ServingPlan): void {
    const states = plan.routes.map((route): RouteState => ({ plan, route, state: 'loading' }));
    this.states.set(plan.endpoint, { wanted: plan, states, served: this.served(plan.endpoint) });
    this.changed();
  }

  setState(plan: ServingPlan, route: Route, state: LoadState, reason?: string): void {
    const now = this.states.get(plan.endpoint);
    if (now?.wanted.revision !== plan.revision) return;
    const same = now.states.every((one) => one.route !== route || (one.state === state && one.reason === reason));
    if (same) return;
    const states = now.states.map((one) => (one.route === route ? { plan, route, state, reason } : one));
    this.states.set(plan.endpoint, { ...now, states });
    this.changed();
  }

  /** The model in memory for a route that is served already with the same bytes and deployment. */
  loaded(endpoint: string, route: Route): ServedModel | undefined {
    const models = this.served(endpoint)?.models ?? [];
    return models.find(
      ({ route: served }) =>
        served.digest === route.digest && served.deployment === route.deployment && served.version === route.version,
    );
  }

  /** Takes a plan of which everything is loaded into service; what it no longer names is released. */
  async serve(plan: ServingPlan, models: readonly ServedModel[]): Promise<void> {
    const now = this.states.get(plan.endpoint);
    if (now?.wanted.revision !== plan.revision) {
      await this.giveBack(plan.endpoint, models);
      return;
    }
    this.files.write(plan);
    const states = plan.routes.map((route): RouteState => ({ plan, route, state: 'ready' }));
    this.states.set(plan.endpoint, { wanted: plan, states, served: { plan, models } });
    this.changed();
    await Promise.all((now.served?.models ?? []).filter((old) => !models.includes(old)).map((old) => old.release()));
  }

  /** Releases models that were loaded for a plan which is not served after all. */
  async giveBack(endpoint: string, models: readonly ServedModel[]): Promise<void> {
    const kept = this.served(endpoint)?.models ?? [];
    await Promise.all(models.filter((model) => !kept.includes(model)).map((model) => model.release()));
  }

  remove(endpoint: string): void {
    const models = this.served(endpoint)?.models ?? [];
    this.states.delete(endpoint);
    this.files.remove(endpoint);
    this.changed();
    for (const model of models) void model.release();
  }

  /** What is to be said of every route. */
  reports(): RouteReport[] {
    return this.all().flatMap(({ states }) =>
      states.map(({ plan, route, state, reason }) => {
        const { deployment, model, version, digest } = route;
        const { endpoint, revision: planRevision } = plan;
        const why = reason === undefined ? {} : { reason: reason.slice(0, 2000) };
        return { endpoint, planRevision, deployment, model, version, digest, state, ...why };
      }),
    );
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}
