import { messagingTablesSql } from '@baton/messaging';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Deployment0001 implements MigrationInterface {
  readonly name = 'Deployment1700000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(messagingTablesSql());
    await runner.query(COPIES);
    await runner.query(ENDPOINTS);
    await runner.query(DEPLOYMENTS);
    await runner.query(REPLICAS);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}

const COPIES = `
  create table versions (
    model text not null,
    version integer not null,
    project text not null,
    digest text not null,
    status text not null,
    revision integer not null,
    release jsonb,
    primary key (model, version)
  );
  create table aliases (
    model text not null,
    alias text not null,
    project text not null,
    version integer,
    revision integer not null,
    primary key (model, alias)
  );
`;

const ENDPOINTS = `
  create table endpoints (
    endpoint text primary key,
    project text not null,
    live boolean not null,
    revision integer not null,
    plan_revision integer not null,
    policy jsonb not null,
    routes jsonb not null
  );
`;

const DEPLOYMENTS = `
  create table deployments (
    deployment uuid primary key,
    endpoint text not null,
    project text not null,
    model text not null,
    version integer not null,
    digest text not null,
    strategy text not null,
    status text not null,
    reason text,
    requested_by text not null,
    requested_at timestamptz not null,
    deadline timestamptz not null,
    finished_at timestamptz,
    previous_routes jsonb not null,
    trace jsonb not null,
    caller_key text not null,
    idempotency_key text,
    request_digest text not null
  );
  create index deployments_by_endpoint on deployments (endpoint, deployment);
  create unique index one_live_deployment on deployments (endpoint) where status in ('requested', 'loading');
  create unique index deployments_by_idempotency on deployments (caller_key, idempotency_key);
  create table deployment_steps (
    deployment uuid not null,
    position integer not null,
    event text not null,
    at timestamptz not null,
    replica text,
    reason text,
    primary key (deployment, position)
  );
`;

const REPLICAS = `
  create table replicas (
    replica uuid primary key,
    revision bigint not null,
    routes jsonb not null,
    leaving boolean not null,
    last_seen timestamptz not null
  );
`;
