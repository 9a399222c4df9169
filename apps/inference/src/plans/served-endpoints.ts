import type { LoadState, Route, ServingPlan } from '@baton/contracts';
import type { ServedModel } from '../models/served-model.js';

/** What is said of one route of the plan that is followed. */
export interface RouteState {
  readonly plan: ServingPlan;
  readonly route: Route;
  readonly state: LoadState;
  readonly reason?: string | undefined;
}

/** A plan whose routes are all verified and in memory. */
export interface ServedPlan {
  readonly plan: ServingPlan;
  readonly models: readonly ServedModel[];
}

/** One endpoint: what it should serve, and what it does serve. */
export interface EndpointState {
  /** The newest plan that was seen and is authentic. */
  readonly wanted: ServingPlan;
  readonly states: readonly RouteState[];
  /** The last good plan. */
  readonly served?: ServedPlan | undefined;
}

/** The version of a served plan that a request goes to: the one named, else by weight. */
export function chooseModel(
  { models }: ServedPlan,
  version: number | undefined,
  random: () => number = Math.random,
): ServedModel | undefined {
  if (version !== undefined) return models.find(({ route }) => route.version === version);
  const total = models.reduce((sum, { route }) => sum + route.weight, 0);
  let left = random() * total;
  return models.find(({ route }) => (left -= route.weight) < 0) ?? models[0];
}
