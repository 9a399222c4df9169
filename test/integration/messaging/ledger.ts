import { newId, type AliasChanged } from '@baton/contracts';
import { Database, DatabaseModule, type Transaction } from '@baton/database';
import {
  connectEvents,
  messagingEntities,
  MessagingModule,
  messagingTablesSql,
  Outbox,
  type MessagingSettings,
} from '@baton/messaging';
import { createService, Readiness, ServiceConfig, type RunningService } from '@baton/service';
import { waitFor } from '@baton/testing';
import type { Type } from '@nestjs/common';

export const LEDGER_SCHEMA = 'deployment';

/** Tables of the messaging library, an aggregate that publishes, and effects that show every event applied. */
export const ledgerTables = `${messagingTablesSql()}
  create table alias (model text primary key, revision int not null);
  create table effect (id bigint generated always as identity primary key, event_id uuid not null,
    model text not null, revision int not null);`;

class LedgerConfig extends ServiceConfig {}

export interface LedgerOptions extends Partial<MessagingSettings> {
  databaseUrl: string;
  brokers: string[];
  prefix: string;
  controllers?: Type[];
}

/** A service of which nothing matters but what goes in and out of it. */
export interface Ledger {
  service: RunningService;
  database: Database;
  outbox: Outbox;
  /** Names and reasons of what makes it unready. */
  missing(): Promise<Record<string, string>>;
  /** Raises the revision of a model and publishes it. */
  change(model: string, before?: (tx: Transaction) => Promise<void>): Promise<number>;
}

export async function startLedger(options: LedgerOptions): Promise<Ledger> {
  const { databaseUrl, controllers = [], ...settings } = options;
  const config = Object.assign(new LedgerConfig(), {
    host: '127.0.0.1',
    port: 0,
    logLevel: 'error',
    shutdownTimeoutMs: 2000,
  });
  const service = await createService(
    {
      name: 'deployment',
      config: LedgerConfig,
      module: () => ({
        module: class LedgerModule {},
        imports: [
          DatabaseModule.forService({
            url: databaseUrl,
            schema: LEDGER_SCHEMA,
            entities: messagingEntities,
            migrations: [],
          }),
          MessagingModule.forService({ service: 'deployment', ...settings }),
        ],
        controllers,
      }),
      prepare: connectEvents,
    },
    config,
  );
  const database = service.app.get(Database);
  const outbox = service.app.get(Outbox);
  await waitFor(async () => ((await database.readiness()) === undefined ? true : undefined), { what: 'Postgres' });
  return {
    service,
    database,
    outbox,
    missing: () => service.app.get(Readiness).missing(),
    change: (model, before) =>
      database.transaction(async (tx) => {
        const [row] = await tx.query<{ revision: number }>(
          `insert into alias values ($1, 1) on conflict (model) do update set revision = alias.revision + 1
           returning revision`,
          [model],
        );
        const revision = row?.revision ?? 0;
        await before?.(tx);
        await outbox.publish(tx, 'alias.changed', aliasChanged(model, revision));
        return revision;
      }),
  };
}

export function aliasChanged(model: string, revision = 1): AliasChanged {
  return {
    model,
    project: 'default',
    alias: 'production',
    from: null,
    to: revision,
    revision,
    changedBy: newId(),
    changedAt: new Date().toISOString(),
  };
}

/** Writes the effect of an event down. Applied twice, it would be there twice. */
export async function writeEffect(tx: Transaction, event: { id: string; data: AliasChanged }): Promise<void> {
  const { model, revision } = event.data;
  await tx.query('insert into effect (event_id, model, revision) values ($1, $2, $3)', [event.id, model, revision]);
}
