import type { RouteReport } from '@baton/contracts';
import type { Replica } from '../replicas/replica.entity.js';
import type { ReplicaResponse } from './endpoints.dto.js';
import type { Endpoint } from './endpoint.entity.js';

type Sighting = Pick<Replica, 'replica' | 'routes' | 'leaving' | 'lastSeen'>;

/**
 * How an endpoint stands at a replica: by its report on the endpoint's first route, or else on what it still serves
 * there. A live replica that has not heard of the endpoint's routes counts as loading them; one that is gone and says
 * nothing of the endpoint is left out.
 */
export function replicaView(
  { endpoint, routes }: Pick<Endpoint, 'endpoint' | 'routes'>,
  { replica, routes: reports, leaving, lastSeen }: Sighting,
  isAlive: boolean,
): ReplicaResponse | undefined {
  if (leaving) return undefined;
  const seen = { replica, lastSeen: lastSeen.toISOString(), stale: !isAlive };
  const report = reportOn(reports, endpoint, routes[0]?.deployment);
  if (report) return { ...seen, state: report.state, planRevision: report.planRevision, reason: report.reason };
  return isAlive && routes.length > 0 ? { ...seen, state: 'loading', planRevision: 0 } : undefined;
}

function reportOn(reports: readonly RouteReport[], endpoint: string, deployment?: string): RouteReport | undefined {
  const here = reports.filter((report) => report.endpoint === endpoint);
  return here.find((report) => report.deployment === deployment) ?? here[0];
}
