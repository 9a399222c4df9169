import type { Transaction } from '@baton/database';
import { Injectable } from '@nestjs/common';
import type { Endpoint } from '../endpoints/endpoint.entity.js';
import { PlansService } from '../plans/plans.service.js';
import type { ReleasedVersion, Version } from '../versions/version.entity.js';
import { VersionsService } from '../versions/versions.service.js';
import { Deployment } from './deployment.entity.js';
import { wholeRoute } from './new-deployment.js';
import { RolloutSteps } from './rollout-steps.js';

export interface Beginning {
  readonly endpoint: Endpoint;
  readonly deployment: Deployment;
  readonly version: Version;
}

/** The first steps of a deployment: its plan goes out, or it is refused at once. */
@Injectable()
export class RolloutStart {
  constructor(
    private readonly versions: VersionsService,
    private readonly steps: RolloutSteps,
    private readonly plans: PlansService,
  ) {}

  /** Answers why it was refused, if it was; that, too, is to be committed. */
  async begin(tx: Transaction, beginning: Beginning): Promise<string | undefined> {
    const { version } = beginning;
    if (!version.release) return this.refuse(tx, beginning, notApproved(version));
    const problem = this.versions.problemOf(version, version.release);
    if (problem === undefined) return this.start(tx, beginning, version.release);
    await this.versions.reportViolation(tx, version, problem, beginning.endpoint.endpoint);
    return this.refuse(tx, beginning, `the approval of ${nameOf(version)} does not hold: ${problem}`);
  }

  private async start(tx: Transaction, beginning: Beginning, release: ReleasedVersion): Promise<undefined> {
    const { endpoint, deployment } = beginning;
    const at = deployment.requestedAt;
    endpoint.live = true;
    deployment.previousRoutes = endpoint.routes;
    await this.steps.take(tx, 'requested', beginning, { at, reason: deployment.reason ?? undefined });
    await this.steps.take(tx, 'started', beginning, { at });
    endpoint.routes = [wholeRoute(deployment, release)];
    await this.plans.issue(tx, endpoint, deployment.deployment);
    await save(tx, beginning);
  }

  private async refuse(tx: Transaction, beginning: Beginning, reason: string): Promise<string> {
    // A request that was refused may be right later, under the same key.
    beginning.deployment.idempotencyKey = null;
    await this.steps.take(tx, 'refused', beginning, { at: beginning.deployment.requestedAt, reason });
    await save(tx, beginning);
    return reason;
  }
}

async function save(tx: Transaction, { endpoint, deployment }: Beginning): Promise<void> {
  await tx.manager.save(endpoint);
  await tx.manager.insert(Deployment, deployment);
}

function notApproved(version: Version): string {
  return version.status === 'rejected' ? `${nameOf(version)} was rejected` : `${nameOf(version)} is not approved`;
}

function nameOf({ model, version }: Version): string {
  return `version ${version} of model ${model}`;
}
