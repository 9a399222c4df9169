import { canSee, type Caller } from '@baton/access';
import { Database, type Transaction } from '@baton/database';
import { decodeCursor, page, type Page, type PageQuery } from '@baton/service';
import { Injectable } from '@nestjs/common';
import { MoreThan } from 'typeorm';
import { PlansService } from '../plans/plans.service.js';
import { ReplicasService } from '../replicas/replicas.service.js';
import { RolloutSteps } from '../rollouts/rollout-steps.js';
import { lastDeployments, liveDeployment } from '../rollouts/rollouts.queries.js';
import { changedPolicy, isSamePolicy } from './endpoint-policy.js';
import { Endpoint } from './endpoint.entity.js';
import { toResponse, type EndpointRequest, type EndpointResponse } from './endpoints.dto.js';
import { endpointNotFound, projectDiffers, projectForbidden } from './endpoints.errors.js';
import { lockEndpoint, lockOrMakeEndpoint } from './endpoints.queries.js';
import { replicaView } from './replica-view.js';

const DEFAULT_PROJECT = 'default';

/** Endpoints, as callers see and change them. */
@Injectable()
export class EndpointsService {
  constructor(
    private readonly database: Database,
    private readonly plans: PlansService,
    private readonly replicas: ReplicasService,
    private readonly steps: RolloutSteps,
  ) {}

  /** @throws ServiceError `endpoint-not-found` */
  async get(endpoint: string, caller: Caller): Promise<EndpointResponse> {
    const row = await this.database.manager.findOneBy(Endpoint, { endpoint, live: true });
    if (!row || !canSee(caller, row.project)) throw endpointNotFound(endpoint);
    return (await this.describer([row]))(row);
  }

  /** By name. */
  async list({ limit, cursor }: PageQuery, caller: Caller): Promise<Page<EndpointResponse>> {
    const rows = await this.database.manager.find(Endpoint, {
      where: {
        live: true,
        ...(caller.project === null ? {} : { project: caller.project }),
        ...(cursor ? { endpoint: MoreThan(String(decodeCursor(cursor))) } : {}),
      },
      order: { endpoint: 'ASC' },
      take: limit + 1,
    });
    return page(rows, limit, ({ endpoint }) => endpoint, await this.describer(rows));
  }

  /**
   * Makes the endpoint or changes its policy; the plan goes out again when anything changed.
   * @throws ServiceError `endpoint-not-found`, `project-differs`, `project-forbidden`
   */
  async configure(name: string, request: EndpointRequest, caller: Caller): Promise<EndpointResponse> {
    const project = request.project ?? caller.project ?? DEFAULT_PROJECT;
    const row = await this.database.transaction(async (tx) => {
      const endpoint = await lockOrMakeEndpoint(tx, name, project);
      checkProject(endpoint, request.project, caller);
      const policy = changedPolicy(endpoint.policy, request.policy);
      if (endpoint.live && isSamePolicy(policy, endpoint.policy)) return endpoint;
      Object.assign(endpoint, { live: true, policy, revision: endpoint.revision + 1 });
      await this.plans.issue(tx, endpoint);
      return tx.manager.save(endpoint);
    });
    return (await this.describer([row]))(row);
  }

  /** @throws ServiceError `endpoint-not-found` */
  remove(name: string, caller: Caller): Promise<void> {
    return this.database.transaction(async (tx) => {
      const endpoint = await lockEndpoint(tx, name);
      if (!endpoint?.live || !canSee(caller, endpoint.project)) throw endpointNotFound(name);
      await this.endRollout(tx, endpoint);
      Object.assign(endpoint, { live: false, routes: [], revision: endpoint.revision + 1 });
      await this.plans.withdraw(tx, endpoint);
      await tx.manager.save(endpoint);
    });
  }

  private async endRollout(tx: Transaction, endpoint: Endpoint): Promise<void> {
    const deployment = await liveDeployment(tx, endpoint.endpoint);
    if (!deployment) return;
    const evidence = { at: new Date(), reason: 'the endpoint was deleted' };
    await this.steps.take(tx, 'refused', { endpoint, deployment }, evidence);
    await tx.manager.save(deployment);
  }

  /** Tells what there is to tell of these rows, from what was read for all of them at once. */
  private async describer(rows: readonly Endpoint[]): Promise<(row: Endpoint) => EndpointResponse> {
    const { manager } = this.database;
    const now = new Date();
    const known = await this.replicas.known(manager, now);
    const deployments = await lastDeployments(manager, rows);
    return (row) => {
      const views = known.map((replica) => replicaView(row, replica, this.replicas.isAlive(replica, now)));
      const replicas = views.filter((view) => view !== undefined);
      return toResponse(row, { lastDeployment: deployments.get(row.endpoint), replicas });
    };
  }
}

function checkProject(endpoint: Endpoint, asked: string | undefined, caller: Caller): void {
  if (!canSee(caller, endpoint.project)) {
    throw endpoint.live ? endpointNotFound(endpoint.endpoint) : projectForbidden(endpoint.project);
  }
  if (asked !== undefined && asked !== endpoint.project) {
    throw projectDiffers(endpoint.endpoint, endpoint.project, asked);
  }
}
