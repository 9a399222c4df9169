import { deploymentStatuses, type DeploymentStatus } from '@baton/contracts';

/** Where a deployment may go from each status. */
export const transitions = {
  requested: ['loading', 'refused'],
  loading: ['completed', 'refused'],
  completed: [],
  refused: [],
} as const satisfies Record<DeploymentStatus, readonly DeploymentStatus[]>;

/** The steps that are published, each as `deployment.<step>`. */
export type StepName = 'requested' | 'started' | 'progressed' | 'completed' | 'refused';

/** The status that a step leads to. */
export const statusAfter = {
  requested: 'requested',
  started: 'loading',
  progressed: 'loading',
  completed: 'completed',
  refused: 'refused',
} as const satisfies Record<StepName, DeploymentStatus>;

export function canMove(from: DeploymentStatus, to: DeploymentStatus): boolean {
  return (transitions[from] as readonly DeploymentStatus[]).includes(to);
}

export function isTerminal(status: DeploymentStatus): boolean {
  return transitions[status].length === 0;
}

/** Statuses of a deployment that holds its endpoint: another one has to wait. */
export const liveStatuses = deploymentStatuses.filter((status) => !isTerminal(status));
