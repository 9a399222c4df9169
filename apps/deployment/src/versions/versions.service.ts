import { canSee, type Caller } from '@baton/access';
import type { ModelApproved, ModelRegistered, ModelRejected } from '@baton/contracts';
import { Database, type Transaction } from '@baton/database';
import { Outbox } from '@baton/messaging';
import { Injectable } from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';
import { DeploymentConfig } from '../config.js';
import { SigningKeys } from '../signing-keys.js';
import { Alias } from './alias.entity.js';
import { releaseProblem, type ReleaseClaim } from './release-problem.js';
import { Version, type ReleasedVersion } from './version.entity.js';
import { versionNotFound } from './versions.errors.js';
import { putVersion } from './versions.queries.js';

const POLL_MS = 50;

/** A version by its number, or by an alias that points to it. */
export interface VersionRequest {
  readonly model: string;
  readonly version?: number;
  readonly alias?: string;
}

/** The service's own copy of what the registry says of versions. */
@Injectable()
export class VersionsService {
  constructor(
    private readonly database: Database,
    private readonly outbox: Outbox,
    private readonly keys: SigningKeys,
    private readonly config: DeploymentConfig,
  ) {}

  async register(tx: Transaction, fact: ModelRegistered): Promise<void> {
    await putVersion(tx, fact, { status: 'registered' });
  }

  async reject(tx: Transaction, fact: ModelRejected): Promise<void> {
    await putVersion(tx, fact, { status: 'rejected' });
  }

  /** Takes an approval over. One that its attestation doesn't stand for is reported, and deploys nothing. */
  async approve(tx: Transaction, fact: ModelApproved): Promise<void> {
    const { attestation, files, inputs, outputs, reference, features } = fact;
    const release = { attestation, files, inputs, outputs, reference, features };
    await putVersion(tx, fact, { status: 'approved', release });
    const problem = this.problemOf(fact, release);
    if (problem !== undefined) await this.reportViolation(tx, fact, problem);
  }

  /** Why a release may not be deployed; undefined when its attestation is good now, whatever was found at its arrival. */
  problemOf(claim: ReleaseClaim, release: ReleasedVersion): string | undefined {
    return releaseProblem(claim, release, this.keys.registry);
  }

  async reportViolation(tx: Transaction, claim: ReleaseClaim, reason: string, endpoint?: string): Promise<void> {
    const { model, version } = claim;
    await this.outbox.publish(tx, 'integrity.violated', {
      subject: `attestation:${model}@${version}`,
      kind: 'attestation',
      reason: reason.slice(0, 2000),
      endpoint,
      model,
      version,
      detectedBy: 'deployment',
      detectedAt: new Date().toISOString(),
    });
  }

  /**
   * The version that a request names. The registry's word may be a moment behind the person who just saw it there:
   * a version that is unknown or undecided is waited for, a little.
   * @throws ServiceError `version-not-found`
   */
  async resolve(request: VersionRequest, caller: Caller): Promise<Version> {
    const deadline = Date.now() + this.config.versionWaitMs;
    for (;;) {
      const found = await this.find(request);
      const version = found && canSee(caller, found.project) ? found : undefined;
      if (version && version.status !== 'registered') return version;
      if (Date.now() >= deadline) {
        if (version) return version;
        throw versionNotFound(nameOf(request));
      }
      await pause(POLL_MS);
    }
  }

  private async find({ model, version, alias }: VersionRequest): Promise<Version | null> {
    const { manager } = this.database;
    if (version !== undefined) return manager.findOneBy(Version, { model, version });
    const pointer = await manager.findOneBy(Alias, { model, alias: alias ?? '' });
    const target = pointer?.version ?? null;
    return target === null ? null : manager.findOneBy(Version, { model, version: target });
  }
}

function nameOf({ model, version, alias }: VersionRequest): string {
  return version === undefined ? `alias ${alias} of model ${model}` : `version ${version} of model ${model}`;
}
