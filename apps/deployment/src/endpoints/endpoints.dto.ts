import {
  loggingPolicies,
  NAME_PATTERN,
  recordModes,
  type DeploymentStatus,
  type EndpointPolicy,
  type LoadState,
  type LoggingPolicy,
  type RecordMode,
  type Route,
} from '@baton/contracts';
import { Type } from 'class-transformer';
import { IsBoolean, IsIn, IsInt, IsString, Matches, Max, Min, ValidateIf, ValidateNested } from 'class-validator';
import { AreDataClasses } from './data-classes.js';
import type { Endpoint } from './endpoint.entity.js';
import { AreLoggingPolicies } from './logging-policies.js';

/** Absent is fine; null is not, for no part of a policy can be cleared. */
const IfGiven = () => ValidateIf((_request, value) => value !== undefined);

export class EndpointParams {
  @Matches(NAME_PATTERN)
  endpoint: string;
}

/** The parts of a policy that are to change. `features` is one part, as is `dataClasses`: replaced as a whole. */
export class PolicyChange implements Partial<EndpointPolicy> {
  @IfGiven()
  @IsIn(recordModes)
  record?: RecordMode;

  @IfGiven()
  @IsBoolean()
  eventTime?: boolean;

  @IfGiven()
  @IsString()
  @Matches(/^([1-9][0-9]{0,7}|month)$/)
  window?: string;

  @IfGiven()
  @IsInt()
  @Min(0)
  @Max(30 * 86_400)
  latenessSeconds?: number;

  @IfGiven()
  @IsIn(loggingPolicies)
  logging?: LoggingPolicy;

  @IfGiven()
  @AreLoggingPolicies()
  features?: Record<string, LoggingPolicy>;

  @IfGiven()
  @AreDataClasses()
  dataClasses?: Record<string, string>;
}

export class EndpointRequest {
  /** Of a new endpoint; an existing one keeps its own. */
  @IfGiven()
  @Matches(NAME_PATTERN)
  project?: string;

  @IfGiven()
  @ValidateNested()
  @Type(() => PolicyChange)
  policy?: PolicyChange;
}

export class ReplicaResponse {
  replica: string;
  state: LoadState;
  /** Revision of the plan that it follows; 0 while it has not heard of the endpoint. */
  planRevision: number;
  lastSeen: string;
  /** It has not reported for a while, and may be gone. */
  stale: boolean;
  reason?: string;
}

export class EndpointResponse {
  endpoint: string;
  project: string;
  /** Counts the changes, each step of a deployment among them. */
  revision: number;
  /** Revision of the plan that replicas should follow; 0 before the first. */
  planRevision: number;
  policy: EndpointPolicy;
  routes: Pick<Route, 'model' | 'version' | 'digest' | 'weight' | 'shadow' | 'deployment'>[];
  lastDeployment?: { deployment: string; status: DeploymentStatus };
  replicas: ReplicaResponse[];
}

export function toResponse(
  { endpoint, project, revision, planRevision, policy, routes }: Endpoint,
  { lastDeployment, replicas }: Pick<EndpointResponse, 'lastDeployment' | 'replicas'>,
): EndpointResponse {
  return {
    endpoint,
    project,
    revision,
    planRevision,
    policy,
    routes: routes.map(({ model, version, digest, weight, shadow, deployment }) => ({
      model,
      version,
      digest,
      weight,
      shadow,
      deployment,
    })),
    lastDeployment,
    replicas,
  };
}
