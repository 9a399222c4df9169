import type { Caller } from '@baton/access';
import { newId, type Route } from '@baton/contracts';
import type { TraceHeaders } from '@baton/telemetry';
import { createHash } from 'node:crypto';
import type { ReleasedVersion, Version } from '../versions/version.entity.js';
import type { Deployment } from './deployment.entity.js';
import type { DeploymentRequest } from './rollouts.dto.js';

/** What a request for a deployment comes with. */
export interface AskedDeployment {
  readonly endpoint: string;
  readonly request: DeploymentRequest;
  readonly caller: Caller;
  readonly idempotencyKey?: string;
}

/** Tells a repeated request from another one under the same idempotency key. */
export function digestOfRequest({ endpoint, request }: AskedDeployment): string {
  const { model, version, alias, strategy, reason } = request;
  return createHash('sha256')
    .update(JSON.stringify([endpoint, model, version, alias, strategy, reason]))
    .digest('hex');
}

/** The row of a deployment that nothing has happened to yet. */
export function newDeployment(
  asked: AskedDeployment,
  version: Version,
  { now, timeoutSeconds, trace }: { now: Date; timeoutSeconds: number; trace: TraceHeaders },
): Deployment {
  return {
    deployment: newId(),
    endpoint: asked.endpoint,
    project: version.project,
    model: version.model,
    version: version.version,
    digest: version.digest,
    strategy: asked.request.strategy ?? 'immediate',
    status: 'requested',
    reason: asked.request.reason ?? null,
    requestedBy: asked.caller.name,
    requestedAt: now,
    deadline: new Date(now.getTime() + timeoutSeconds * 1000),
    finishedAt: null,
    previousRoutes: [],
    trace,
    callerKey: asked.caller.keyId,
    idempotencyKey: asked.idempotencyKey ?? null,
    requestDigest: digestOfRequest(asked),
  };
}

/** The route that gives a deployment all of an endpoint's traffic. */
export function wholeRoute({ deployment, model, version, digest }: Deployment, release: ReleasedVersion): Route {
  return { deployment, model, version, digest, weight: 100, ...release };
}
