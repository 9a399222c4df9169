import { messagingTablesSql } from '@baton/messaging';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Registry0001 implements MigrationInterface {
  readonly name = 'Registry1700000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(messagingTablesSql());
    await runner.query(MODELS);
    await runner.query(KEYS);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations only go forward'));
  }
}

const MODELS = `
  create table models (
    name text primary key,
    project text not null,
    revision integer not null,
    latest_version integer not null,
    created_at timestamptz not null
  );
  create table versions (
    model text not null,
    version integer not null,
    project text not null,
    status text not null,
    digest text not null,
    files jsonb not null,
    inputs jsonb not null,
    outputs jsonb not null,
    opset jsonb not null,
    features jsonb not null,
    reference jsonb,
    metrics jsonb,
    signer text,
    author text not null,
    author_key text not null,
    registered_at timestamptz not null,
    decided_by text,
    decided_at timestamptz,
    reason text,
    attestation jsonb,
    primary key (model, version)
  );
  create table pushes (
    key_id text not null,
    idempotency_key text not null,
    model text not null,
    version integer not null,
    content text not null,
    created_at timestamptz not null,
    primary key (key_id, idempotency_key)
  );
  create table aliases (
    model text not null,
    alias text not null,
    version integer not null,
    changed_by text not null,
    changed_at timestamptz not null,
    primary key (model, alias)
  );
`;

const KEYS = `
  create table access_keys (
    id text primary key,
    hash text not null,
    name text not null,
    roles jsonb not null,
    project text,
    created_at timestamptz not null,
    expires_at timestamptz,
    revoked_at timestamptz
  );
`;
