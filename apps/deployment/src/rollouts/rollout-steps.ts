import type { DeploymentStep } from '@baton/contracts';
import type { Transaction } from '@baton/database';
import { Outbox } from '@baton/messaging';
import { counter, createLogger } from '@baton/telemetry';
import { Injectable } from '@nestjs/common';
import type { Endpoint } from '../endpoints/endpoint.entity.js';
import { DeploymentStepRow } from './deployment-step.entity.js';
import type { Deployment } from './deployment.entity.js';
import { canMove, isTerminal, statusAfter, type StepName } from './rollout-status.js';

const logger = createLogger('rollouts');
const stepsTotal = counter('deployment_steps_total', 'Steps of deployments that were taken', ['step']);

/** What stands for a step. */
export interface Evidence {
  readonly at: Date;
  readonly reason?: string;
  readonly replicas?: string[];
}

/** Takes steps: the status, the record and the event of each change together. */
@Injectable()
export class RolloutSteps {
  constructor(private readonly outbox: Outbox) {}

  /** Both rows belong to this transaction, the endpoint's locked; saving them is the caller's. */
  async take(
    tx: Transaction,
    step: StepName,
    { endpoint, deployment }: { endpoint: Endpoint; deployment: Deployment },
    evidence: Evidence,
  ): Promise<void> {
    endpoint.revision += 1;
    moveTo(deployment, step, evidence);
    await this.record(tx, step, deployment, evidence);
    const { project, model, version, digest, strategy, requestedBy } = deployment;
    const fact = {
      deployment: deployment.deployment,
      endpoint: endpoint.endpoint,
      project,
      model,
      version,
      digest,
      strategy,
      revision: endpoint.revision,
      requestedBy,
      at: evidence.at.toISOString(),
      reason: evidence.reason,
      replicas: evidence.replicas,
    };
    await this.outbox.publish(tx, `deployment.${step}`, fact, { correlationId: deployment.deployment });
    tx.afterCommit(() => tell(step, fact));
  }

  private async record(
    tx: Transaction,
    event: StepName,
    { deployment }: Deployment,
    evidence: Evidence,
  ): Promise<void> {
    const position = (await tx.manager.countBy(DeploymentStepRow, { deployment })) + 1;
    const replica = event === 'progressed' ? (evidence.replicas?.[0] ?? null) : null;
    const reason = evidence.reason ?? null;
    await tx.manager.insert(DeploymentStepRow, { deployment, position, event, at: evidence.at, replica, reason });
  }
}

function tell(step: StepName, { deployment, endpoint, model, version, reason }: DeploymentStep): void {
  stepsTotal.inc({ step });
  logger.info(`deployment ${step}`, { deployment, endpoint, model, version, reason });
}

function moveTo(deployment: Deployment, step: StepName, { at, reason }: Evidence): void {
  const status = statusAfter[step];
  if (status === deployment.status) return;
  if (!canMove(deployment.status, status)) {
    throw new Error(`deployment ${deployment.deployment} is ${deployment.status}, which ${status} does not follow`);
  }
  deployment.status = status;
  if (isTerminal(status)) deployment.finishedAt = at;
  if (status === 'refused') deployment.reason = reason ?? null;
}
