import type { Transaction } from '@baton/database';
import { In, LessThan, type EntityManager } from 'typeorm';
import { DeploymentStepRow } from './deployment-step.entity.js';
import { Deployment } from './deployment.entity.js';
import { liveStatuses } from './rollout-status.js';

/** The deployment that holds the endpoint. */
export function liveDeployment(tx: Transaction, endpoint: string): Promise<Deployment | null> {
  return tx.manager.findOneBy(Deployment, { endpoint, status: In(liveStatuses) });
}

/** Newest first. */
export function deploymentsOf(
  manager: EntityManager,
  { endpoint, project, before }: { endpoint: string; project: string | null; before?: string },
  limit: number,
): Promise<Deployment[]> {
  return manager.find(Deployment, {
    where: { endpoint, ...(project === null ? {} : { project }), ...(before ? { deployment: LessThan(before) } : {}) },
    order: { deployment: 'DESC' },
    take: limit,
  });
}

/** Steps of several deployments, by deployment. */
export async function stepsOf(
  manager: EntityManager,
  deployments: readonly string[],
): Promise<Map<string, DeploymentStepRow[]>> {
  const rows = await manager.find(DeploymentStepRow, {
    where: { deployment: In([...deployments]) },
    order: { deployment: 'ASC', position: 'ASC' },
  });
  return Map.groupBy(rows, ({ deployment }) => deployment);
}

const LAST_DEPLOYMENTS = `
  select distinct on (endpoint) endpoint, deployment, status
  from deployments
  join unnest($1::text[], $2::text[]) as asked (endpoint, project) using (endpoint, project)
  order by endpoint, deployment desc
`;

/** The last deployment of each endpoint, by endpoint. Those of another project that had the name before don't count. */
export async function lastDeployments(
  manager: EntityManager,
  endpoints: readonly { readonly endpoint: string; readonly project: string }[],
): Promise<Map<string, Pick<Deployment, 'deployment' | 'status'>>> {
  const rows = await manager.query<Pick<Deployment, 'endpoint' | 'deployment' | 'status'>[]>(LAST_DEPLOYMENTS, [
    endpoints.map(({ endpoint }) => endpoint),
    endpoints.map(({ project }) => project),
  ]);
  return new Map(rows.map(({ endpoint, ...row }) => [endpoint, row]));
}
