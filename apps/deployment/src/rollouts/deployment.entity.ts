import type { DeploymentStatus, Route, Strategy } from '@baton/contracts';
import type { TraceHeaders } from '@baton/telemetry';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** One rollout of a version to an endpoint. */
@Entity('deployments')
@Index('deployments_by_endpoint', ['endpoint', 'deployment'])
@Index('one_live_deployment', ['endpoint'], { unique: true, where: `status in ('requested', 'loading')` })
@Index('deployments_by_idempotency', ['callerKey', 'idempotencyKey'], { unique: true })
export class Deployment {
  @PrimaryColumn('uuid')
  deployment: string;

  @Column('text')
  endpoint: string;

  @Column('text')
  project: string;

  @Column('text')
  model: string;

  @Column('integer')
  version: number;

  @Column('text')
  digest: string;

  @Column('text')
  strategy: Strategy;

  @Column('text')
  status: DeploymentStatus;

  /** Why it was asked for; why it was refused, once it is. */
  @Column('text', { nullable: true })
  reason: string | null;

  @Column('text', { name: 'requested_by' })
  requestedBy: string;

  @Column('timestamptz', { name: 'requested_at' })
  requestedAt: Date;

  /** When it is refused, if it is not completed by then. */
  @Column('timestamptz')
  deadline: Date;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  finishedAt: Date | null;

  /** What the endpoint served before: the way back. */
  @Column('jsonb', { name: 'previous_routes' })
  previousRoutes: Route[];

  /** Trace of the request: steps that are taken later belong to it. */
  @Column('jsonb')
  trace: TraceHeaders;

  @Column('text', { name: 'caller_key' })
  callerKey: string;

  @Column('text', { name: 'idempotency_key', nullable: true })
  idempotencyKey: string | null;

  /** SHA-256 of what was asked, to tell a repeated request from another one under the same idempotency key. */
  @Column('text', { name: 'request_digest' })
  requestDigest: string;
}
