import type { LoadState, Route, RouteReport, ServingPlan } from '@baton/contracts';
import type { RouteState, ServedPlan } from './served-plan.js';

const MAX_REASON = 2000;

/** One endpoint of this replica: what it should serve, and what it does serve. */
export interface EndpointState {
  /** The newest plan that is authentic. */
  readonly wanted?: ServingPlan;
  /** Of the routes of the wanted plan. */
  readonly states: readonly RouteState[];
  /** The last good plan. */
  readonly served?: ServedPlan;
  /** A plan that was refused, since nobody stands for it. */
  readonly rejected?: { readonly plan: ServingPlan; readonly reason: string };
  /** Whether the wanted plan has been loaded, refused, or found to be not loadable now. */
  readonly isTried: boolean;
}

export const unknownEndpoint: EndpointState = { states: [], isTried: true };

/** The plan is the one to follow from now on; what is served stays until it can take its place. */
export function wanting(now: EndpointState, plan: ServingPlan): EndpointState {
  const states = plan.routes.map((route): RouteState => ({ route, state: isServed(now, route) ? 'ready' : 'loading' }));
  return { wanted: plan, states, isTried: false, ...(now.served ? { served: now.served } : {}) };
}

/** A route of the wanted plan that could not be loaded. */
export function stuck(now: EndpointState, at: Route, state: LoadState, reason: string): EndpointState {
  const states = now.states.map((one) => (one.route === at ? { route: at, state, reason } : one));
  return { ...now, states, isTried: true };
}

/** Everything of the plan is in memory. */
export function serving(served: ServedPlan): EndpointState {
  const states = served.routes.map(({ route }): RouteState => ({ route, state: 'ready' }));
  return { wanted: served.plan, states, served, isTried: true };
}

/** The last revision that counts. */
export function revisionOf({ wanted, served }: EndpointState): number {
  return Math.max(wanted?.revision ?? 0, served?.plan.revision ?? 0);
}

/**
 * What is to be said of every route: those of the wanted plan, those still served, and those of a plan that was
 * refused, unless they are known from an authentic plan: a forged one must not make good routes look bad.
 */
export function reportsOf({ wanted, states, served, rejected }: EndpointState): RouteReport[] {
  const reports = wanted ? states.map((state) => reportOf(wanted, state)) : [];
  const isKnown = (route: Route) => reports.some(({ deployment }) => deployment === route.deployment);
  for (const { route } of served?.routes ?? []) {
    if (served && !isKnown(route)) reports.push(reportOf(served.plan, { route, state: 'ready' }));
  }
  for (const route of rejected?.plan.routes ?? []) {
    const reason = rejected?.reason;
    if (rejected && !isKnown(route)) reports.push(reportOf(rejected.plan, { route, state: 'refused', reason }));
  }
  return reports;
}

function reportOf({ endpoint, revision }: ServingPlan, { route, state, reason }: RouteState): RouteReport {
  const { deployment, model, version, digest } = route;
  const why = reason === undefined ? {} : { reason: reason.slice(0, MAX_REASON) };
  return { endpoint, planRevision: revision, deployment, model, version, digest, state, ...why };
}

function isServed({ served }: EndpointState, { deployment, digest }: Route): boolean {
  return served?.routes.some(({ route }) => route.deployment === deployment && route.digest === digest) ?? false;
}
