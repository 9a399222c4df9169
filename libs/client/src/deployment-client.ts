import type { DeploymentStatus, EndpointPolicy, LoadState, Strategy } from '@baton/contracts';
import { setTimeout as pause } from 'node:timers/promises';
import { segment, type ServiceClient } from './http.js';
import type { Page } from './registry-client.js';

export interface DeploymentResponse {
  readonly deployment: string;
  readonly endpoint: string;
  readonly project: string;
  readonly model: string;
  readonly version: number;
  readonly digest: string;
  readonly strategy: Strategy;
  readonly status: DeploymentStatus;
  readonly reason?: string;
  readonly requestedBy: string;
  readonly requestedAt: string;
  readonly finishedAt?: string;
  readonly steps: {
    readonly event: string;
    readonly at: string;
    readonly replica?: string;
    readonly reason?: string;
  }[];
}

export interface EndpointResponse {
  readonly endpoint: string;
  readonly project: string;
  readonly revision: number;
  readonly policy: EndpointPolicy;
  readonly routes: {
    readonly model: string;
    readonly version: number;
    readonly digest: string;
    readonly weight: number;
    /** It gets a copy of the requests, and nobody its answers. */
    readonly shadow?: boolean;
    readonly deployment: string;
  }[];
  readonly replicas: {
    readonly replica: string;
    readonly state: LoadState;
    readonly planRevision: number;
    readonly lastSeen: string;
    readonly reason?: string;
  }[];
}

/** Either a version's number or an alias names what is deployed. */
export interface DeployRequest {
  readonly model: string;
  readonly version?: number;
  readonly alias?: string;
  readonly reason?: string;
}

/** Endpoints and rollouts. */
export class DeploymentClient {
  constructor(private readonly service: ServiceClient) {}

  deploy(endpoint: string, request: DeployRequest, idempotencyKey?: string): Promise<DeploymentResponse> {
    return this.service.request(`/v1/endpoints/${segment(endpoint)}/deployments`, {
      method: 'POST',
      json: request,
      headers: idempotencyKey ? { 'idempotency-key': idempotencyKey } : {},
    });
  }

  deployment(id: string): Promise<DeploymentResponse> {
    return this.service.request(`/v1/deployments/${segment(id)}`);
  }

  endpoint(endpoint: string): Promise<EndpointResponse> {
    return this.service.request(`/v1/endpoints/${segment(endpoint)}`);
  }

  endpoints(page: { limit?: number; cursor?: string } = {}): Promise<Page<EndpointResponse>> {
    return this.service.request('/v1/endpoints', { query: page });
  }

  /** Creates the endpoint, or changes the named parts of its policy. */
  configure(
    endpoint: string,
    change: { project?: string; policy?: Partial<EndpointPolicy> },
  ): Promise<EndpointResponse> {
    return this.service.request(`/v1/endpoints/${segment(endpoint)}`, { method: 'PUT', json: change });
  }

  /**
   * Polls until the deployment is completed or refused.
   * @throws Error when it is neither after `timeoutMs`
   */
  async finished(
    id: string,
    { timeoutMs = 300_000, onChange }: { timeoutMs?: number; onChange?: (now: DeploymentResponse) => void } = {},
  ): Promise<DeploymentResponse> {
    const deadline = Date.now() + timeoutMs;
    let seen = 0;
    for (;;) {
      const now = await this.deployment(id);
      if (now.steps.length > seen) onChange?.(now);
      seen = now.steps.length;
      if (now.status === 'completed' || now.status === 'refused') return now;
      if (Date.now() > deadline) throw new Error(`deployment ${id} is still ${now.status} after ${timeoutMs / 1000} s`);
      await pause(250);
    }
  }
}
