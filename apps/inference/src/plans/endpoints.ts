import type { LoadState, Route, RouteReport, ServingPlan } from '@baton/contracts';
import { createLogger } from '@baton/telemetry';
import { Injectable } from '@nestjs/common';
import { reportsOf, serving, stuck, unknownEndpoint, wanting, type EndpointState } from './endpoint-state.js';
import { PlanFiles } from './plan-files.js';
import type { ServedPlan, ServedRoute } from './served-plan.js';

const log = createLogger('plans');

/** The endpoints of this replica. What is served changes only for something verified and loaded. */
@Injectable()
export class Endpoints {
  private readonly states = new Map<string, EndpointState>();
  private readonly listeners = new Set<() => void>();

  constructor(private readonly files: PlanFiles) {}

  /** Undefined for an endpoint of which no authentic plan has been seen. */
  get(endpoint: string): EndpointState | undefined {
    const state = this.states.get(endpoint);
    return state?.wanted ? state : undefined;
  }

  all(): readonly EndpointState[] {
    return [...this.states.values()];
  }

  reports(): RouteReport[] {
    return this.all().flatMap(reportsOf);
  }

  onChange(listener: () => void): void {
    this.listeners.add(listener);
  }

  want(plan: ServingPlan): void {
    this.set(plan.endpoint, wanting(this.stateOf(plan.endpoint), plan));
  }

  isWanted({ endpoint, revision }: ServingPlan): boolean {
    return this.states.get(endpoint)?.wanted?.revision === revision;
  }

  /** Nobody stands for the plan: what is wanted and served stays as it is. */
  reject(plan: ServingPlan, reason: string): void {
    this.set(plan.endpoint, { ...this.stateOf(plan.endpoint), rejected: { plan, reason } });
  }

  setStuck(plan: ServingPlan, route: Route, state: LoadState, reason: string): void {
    if (this.isWanted(plan)) this.set(plan.endpoint, stuck(this.stateOf(plan.endpoint), route, state, reason));
  }

  /** Takes a plan into service. Gives the routes that nobody is sent to any more. */
  serve(served: ServedPlan): readonly ServedRoute[] {
    const { endpoint } = served.plan;
    const before = this.stateOf(endpoint).served?.routes ?? [];
    this.save(served.plan);
    this.set(endpoint, serving(served));
    return before;
  }

  /** The endpoint is gone. Gives the routes that nobody is sent to any more. */
  remove(endpoint: string): readonly ServedRoute[] {
    const before = this.stateOf(endpoint).served?.routes ?? [];
    this.files.remove(endpoint);
    if (this.states.delete(endpoint)) this.changed();
    return before;
  }

  /** What may be needed again: files of what is served, and of what is to be. */
  digestsInUse(): Set<string> {
    const routes = this.all().flatMap(({ wanted, served }) => [
      ...(wanted?.routes ?? []),
      ...(served?.plan.routes ?? []),
    ]);
    return new Set(routes.flatMap(({ files }) => files.map(({ digest }) => digest)));
  }

  private stateOf(endpoint: string): EndpointState {
    return this.states.get(endpoint) ?? unknownEndpoint;
  }

  /** A disk that is full must not keep a good version out. */
  private save(plan: ServingPlan): void {
    try {
      this.files.write(plan);
    } catch (error) {
      log.error('a plan could not be saved: a restart would not know of it', { endpoint: plan.endpoint, error });
    }
  }

  private set(endpoint: string, state: EndpointState): void {
    this.states.set(endpoint, state);
    this.changed();
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}
