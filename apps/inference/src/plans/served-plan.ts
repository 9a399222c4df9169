import type { LoadState, Route, ServingPlan } from '@baton/contracts';
import type { ServedModel } from '../models/served-model.js';

/** A route whose model is verified and in memory. */
export interface ServedRoute {
  readonly route: Route;
  readonly model: ServedModel;
}

/** A plan of which every route can be served. */
export interface ServedPlan {
  readonly plan: ServingPlan;
  readonly routes: readonly ServedRoute[];
}

/** What is said of one route of a plan. */
export interface RouteState {
  readonly route: Route;
  readonly state: LoadState;
  readonly reason?: string | undefined;
}

/**
 * The version of a served plan that a request goes to: the one named, else by weight.
 * @param random from 0 up to (not including) 1
 */
export function chooseRoute(
  { routes }: Pick<ServedPlan, 'routes'>,
  version: number | undefined,
  random: () => number = Math.random,
): ServedRoute | undefined {
  if (version !== undefined) return routes.find(({ route }) => route.version === version);
  if (routes.length === 1) return routes[0];
  let left = random() * routes.reduce((sum, { route }) => sum + route.weight, 0);
  return routes.find(({ route }) => (left -= route.weight) < 0) ?? routes[0];
}
