import type { LoadState, Route, ServingPlan } from '@baton/contracts';
import type { PooledModel } from '../models/pooled-model.js';

/** A route whose model is verified and in memory. */
export interface ServedRoute {
  readonly route: Route;
  readonly model: PooledModel;
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

/** What decides where a request goes. */
export interface RouteWish {
  /** The version that the caller named. */
  readonly version?: number | undefined;
  /** Equal keys go to the same version, on every replica, as long as the plan stays. */
  readonly stickyKey?: string | undefined;
}

/**
 * The version of a served plan that a request goes to: the one named, else by weight. A shadow is only ever named.
 * @param random from 0 up to (not including) 1
 */
export function chooseRoute(
  { routes }: Pick<ServedPlan, 'routes'>,
  { version, stickyKey }: RouteWish = {},
  random: () => number = Math.random,
): ServedRoute | undefined {
  if (version !== undefined) return routes.find(({ route }) => route.version === version);
  const [first] = routes;
  if (routes.length === 1 && first && !first.route.shadow) return first;
  const answering = routes.filter(({ route }) => !route.shadow);
  const total = answering.reduce((sum, { route }) => sum + route.weight, 0);
  let left = (stickyKey === undefined ? random() : shareOf(stickyKey)) * total;
  return answering.find(({ route }) => (left -= route.weight) < 0) ?? answering[0];
}

/** The versions that get a copy of what the others are asked. */
export function shadowsOf({ routes }: Pick<ServedPlan, 'routes'>): readonly ServedRoute[] {
  return routes.filter(({ route }) => route.shadow);
}

/** A number from 0 up to 1 for a key, evenly spread: FNV-1a (RFC 9923) with the finish of MurmurHash3. */
export function shareOf(key: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(key)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
