import { NAME_PATTERN, strategies, type DeploymentStatus, type Strategy } from '@baton/contracts';
import { IsIn, IsInt, IsOptional, IsString, IsUUID, Length, Matches, Max, Min } from 'class-validator';
import type { DeploymentStepRow } from './deployment-step.entity.js';
import type { Deployment } from './deployment.entity.js';
import type { StepName } from './rollout-status.js';

export class DeploymentParams {
  @IsUUID()
  deployment: string;
}

/** Either `version` or `alias` names what is deployed. */
export class DeploymentRequest {
  @Matches(NAME_PATTERN)
  model: string;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(2_147_483_647)
  version?: number;

  @IsOptional()
  @Matches(NAME_PATTERN)
  alias?: string;

  @IsOptional()
  @IsIn(strategies)
  strategy?: Strategy;

  @IsOptional()
  @IsString()
  @Length(0, 2000)
  reason?: string;
}

export class StepResponse {
  event: StepName;
  at: string;
  replica?: string;
  reason?: string;
}

export class DeploymentResponse {
  deployment: string;
  endpoint: string;
  project: string;
  model: string;
  version: number;
  digest: string;
  strategy: Strategy;
  status: DeploymentStatus;
  reason?: string;
  requestedBy: string;
  requestedAt: string;
  finishedAt?: string;
  steps: StepResponse[];
}

/** @param steps those of this deployment, in their order */
export function toResponse(row: Deployment, steps: readonly DeploymentStepRow[]): DeploymentResponse {
  const { deployment, endpoint, project, model, version, digest, strategy, status, requestedBy } = row;
  return {
    deployment,
    endpoint,
    project,
    model,
    version,
    digest,
    strategy,
    status,
    reason: row.reason ?? undefined,
    requestedBy,
    requestedAt: row.requestedAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString(),
    steps: steps.map(({ event, at, replica, reason }) => ({
      event,
      at: at.toISOString(),
      replica: replica ?? undefined,
      reason: reason ?? undefined,
    })),
  };
}
