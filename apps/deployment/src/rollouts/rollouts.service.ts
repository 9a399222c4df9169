import { canSee, type Caller } from '@baton/access';
import { Database, isUniqueViolation, type Transaction } from '@baton/database';
import { decodeCursor, page, type Page, type PageQuery } from '@baton/service';
import { traceHeaders } from '@baton/telemetry';
import { Injectable } from '@nestjs/common';
import { isUUID } from 'class-validator';
import { DeploymentConfig } from '../config.js';
import { Endpoint } from '../endpoints/endpoint.entity.js';
import { endpointNotFound, projectDiffers } from '../endpoints/endpoints.errors.js';
import { lockOrMakeEndpoint } from '../endpoints/endpoints.queries.js';
import type { Version } from '../versions/version.entity.js';
import { VersionsService } from '../versions/versions.service.js';
import { Deployment } from './deployment.entity.js';
import { digestOfRequest, newDeployment, type AskedDeployment } from './new-deployment.js';
import { RolloutStart } from './rollout-start.js';
import { toResponse, type DeploymentResponse } from './rollouts.dto.js';
import {
  badField,
  deploymentNotFound,
  deploymentRefused,
  deploymentRunning,
  idempotencyKeyReused,
} from './rollouts.errors.js';
import { deploymentsOf, liveDeployment, stepsOf } from './rollouts.queries.js';

const MAX_IDEMPOTENCY_KEY = 255;

/** Rollouts, as callers ask for them. */
@Injectable()
export class RolloutsService {
  constructor(
    private readonly database: Database,
    private readonly versions: VersionsService,
    private readonly rollout: RolloutStart,
    private readonly config: DeploymentConfig,
  ) {}

  /**
   * Deploys a version to an endpoint, which is made when it is new.
   * @throws ServiceError `version-not-found`, `deployment-refused`, `deployment-running`, `project-differs`,
   *   `idempotency-key-reused`, `invalid-request`
   */
  async deploy(asked: AskedDeployment): Promise<DeploymentResponse> {
    checkRequest(asked);
    const repeated = await this.repeated(asked);
    if (repeated) return this.respond(repeated);
    const version = await this.versions.resolve(asked.request, asked.caller);
    const { deployment, refusal } = await this.begin(asked, version);
    if (refusal !== undefined) throw deploymentRefused(deployment.deployment, refusal);
    return this.respond(deployment);
  }

  async get(deployment: string, caller: Caller): Promise<DeploymentResponse> {
    const row = await this.database.manager.findOneBy(Deployment, { deployment });
    if (!row || !canSee(caller, row.project)) throw deploymentNotFound(deployment);
    return this.respond(row);
  }

  /** Newest first. @throws ServiceError `endpoint-not-found` when there is nothing to see */
  async list(endpoint: string, { limit, cursor }: PageQuery, caller: Caller): Promise<Page<DeploymentResponse>> {
    const { manager } = this.database;
    const before = cursor ? uuidOf(cursor) : undefined;
    const rows = await deploymentsOf(manager, { endpoint, project: caller.project, before }, limit + 1);
    if (rows.length === 0 && !(await this.canSeeEndpoint(endpoint, caller))) throw endpointNotFound(endpoint);
    const ids = rows.map(({ deployment }) => deployment);
    const steps = await stepsOf(manager, ids);
    return page(
      rows,
      limit,
      ({ deployment }) => deployment,
      (row) => toResponse(row, steps.get(row.deployment) ?? []),
    );
  }

  private async canSeeEndpoint(endpoint: string, caller: Caller): Promise<boolean> {
    const row = await this.database.manager.findOneBy(Endpoint, { endpoint, live: true });
    return row !== null && canSee(caller, row.project);
  }

  private async begin(asked: AskedDeployment, version: Version): Promise<{ deployment: Deployment; refusal?: string }> {
    try {
      return await this.database.transaction((tx) => this.beginWithin(tx, asked, version));
    } catch (error) {
      // The same key at two endpoints at the same time: no lock is shared before this.
      if (isUniqueViolation(error, 'deployments_by_idempotency')) throw idempotencyKeyReused();
      throw error;
    }
  }

  private async beginWithin(
    tx: Transaction,
    asked: AskedDeployment,
    version: Version,
  ): Promise<{ deployment: Deployment; refusal?: string }> {
    const endpoint = await lockOrMakeEndpoint(tx, asked.endpoint, version.project);
    checkProject(endpoint, version, asked.caller);
    const repeated = await this.repeated(asked, tx);
    if (repeated) return { deployment: repeated };
    const running = await liveDeployment(tx, asked.endpoint);
    if (running) throw deploymentRunning(asked.endpoint, running.deployment);
    const started = { now: new Date(), timeoutSeconds: this.config.rolloutTimeoutSeconds, trace: traceHeaders() };
    const deployment = newDeployment(asked, version, started);
    return { deployment, refusal: await this.rollout.begin(tx, { endpoint, deployment, version }) };
  }

  /** The deployment that an earlier request of the same key led to. */
  private async repeated(asked: AskedDeployment, tx?: Transaction): Promise<Deployment | undefined> {
    const { idempotencyKey, caller } = asked;
    if (idempotencyKey === undefined) return undefined;
    const manager = tx?.manager ?? this.database.manager;
    const found = await manager.findOneBy(Deployment, { callerKey: caller.keyId, idempotencyKey });
    if (found && found.requestDigest !== digestOfRequest(asked)) throw idempotencyKeyReused();
    return found ?? undefined;
  }

  private async respond(row: Deployment): Promise<DeploymentResponse> {
    const steps = await stepsOf(this.database.manager, [row.deployment]);
    return toResponse(row, steps.get(row.deployment) ?? []);
  }
}

function checkRequest({ request, idempotencyKey }: AskedDeployment): void {
  if ((request.version === undefined) === (request.alias === undefined)) {
    throw badField('version', 'give either a version or an alias');
  }
  if (idempotencyKey !== undefined && (idempotencyKey === '' || idempotencyKey.length > MAX_IDEMPOTENCY_KEY)) {
    throw badField('Idempotency-Key', `has 1 to ${MAX_IDEMPOTENCY_KEY} characters`);
  }
}

function checkProject(endpoint: Endpoint, version: Version, caller: Caller): void {
  if (endpoint.live && !canSee(caller, endpoint.project)) throw endpointNotFound(endpoint.endpoint);
  if (endpoint.project !== version.project) {
    throw projectDiffers(endpoint.endpoint, endpoint.project, version.project);
  }
}

function uuidOf(cursor: string): string {
  const value = decodeCursor(cursor);
  if (!isUUID(value)) throw badField('cursor', 'must be the nextCursor of the page before');
  return String(value);
}
