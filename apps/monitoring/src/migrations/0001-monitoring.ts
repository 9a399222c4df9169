import { messagingTablesSql } from '@baton/messaging';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Monitoring1700000000001 implements MigrationInterface {
  name = 'Monitoring1700000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(messagingTablesSql());
    await runner.query(PREDICTIONS);
    await runner.query(PROGRESS);
    await runner.query(WINDOWS);
    await runner.query(COPIES);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}

const PREDICTIONS = `
  CREATE TABLE predictions (
    prediction uuid PRIMARY KEY,
    endpoint text NOT NULL,
    project text NOT NULL,
    deployment uuid NOT NULL,
    model text NOT NULL,
    version integer NOT NULL,
    digest text NOT NULL,
    replica uuid NOT NULL,
    sequence bigint NOT NULL,
    request_id text,
    caller text NOT NULL,
    received_at timestamptz NOT NULL,
    event_time timestamptz NOT NULL,
    latency_ms double precision NOT NULL,
    outcome text NOT NULL,
    error text,
    rows integer NOT NULL,
    inputs json NOT NULL,
    outputs json NOT NULL,
    partition integer NOT NULL,
    "offset" bigint NOT NULL
  );
  CREATE INDEX predictions_by_replica ON predictions (replica, sequence);
  CREATE INDEX predictions_by_time ON predictions (received_at);
`;

const PROGRESS = `
  CREATE TABLE partitions (
    partition integer PRIMARY KEY,
    position bigint NOT NULL,
    at_end boolean NOT NULL,
    checked_at timestamptz NOT NULL
  );
  CREATE TABLE watermarks (
    endpoint text NOT NULL,
    partition integer NOT NULL,
    event_time timestamptz NOT NULL,
    PRIMARY KEY (endpoint, partition)
  );
  CREATE TABLE replica_logs (
    partition integer NOT NULL,
    replica uuid NOT NULL,
    last bigint NOT NULL,
    received bigint NOT NULL,
    PRIMARY KEY (partition, replica)
  );
  CREATE INDEX replica_logs_by_replica ON replica_logs (replica);
`;

const WINDOWS = `
  CREATE TABLE windows (
    endpoint text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    project text NOT NULL,
    closes_at timestamptz NOT NULL,
    open boolean NOT NULL,
    touched_at timestamptz NOT NULL,
    revision integer NOT NULL,
    closed_at timestamptz,
    result json,
    PRIMARY KEY (endpoint, starts_at, ends_at)
  );
  CREATE INDEX windows_open ON windows (closes_at) WHERE open;
  CREATE TABLE window_parts (
    endpoint text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    partition integer NOT NULL,
    model text NOT NULL,
    version integer NOT NULL,
    digest text NOT NULL,
    reference text,
    state json NOT NULL,
    PRIMARY KEY (endpoint, starts_at, ends_at, partition, model, version)
  );
`;

const COPIES = `
  CREATE TABLE reference_profiles (
    digest text PRIMARY KEY,
    profile json NOT NULL,
    computed_at timestamptz NOT NULL
  );
  CREATE TABLE versions (
    model text NOT NULL,
    version integer NOT NULL,
    project text NOT NULL,
    digest text NOT NULL,
    inputs json NOT NULL,
    outputs json NOT NULL,
    features json NOT NULL,
    reference text,
    metrics json,
    signer text,
    registered_by text,
    registered_at timestamptz,
    approved_by text,
    approved_at timestamptz,
    approval_reason text,
    PRIMARY KEY (model, version)
  );
  CREATE TABLE deployments (
    deployment uuid PRIMARY KEY,
    endpoint text NOT NULL,
    project text NOT NULL,
    model text NOT NULL,
    version integer NOT NULL,
    digest text NOT NULL,
    requested_by text NOT NULL,
    requested_at timestamptz,
    deployed_at timestamptz
  );
  CREATE INDEX deployments_by_endpoint ON deployments (endpoint);
`;
