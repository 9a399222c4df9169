import { Database, DatabaseModule, runMigrations } from '@baton/database';
import {
  connectEvents,
  MessagingModule,
  messagingTablesSql,
  OnEvent,
  Outbox,
  type DataEvent,
  type EventContext,
} from '@baton/messaging';
import { createService, Public, ServiceConfig, type RunningService } from '@baton/service';
import { Controller, Get, Injectable, Module, type DynamicModule } from '@nestjs/common';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where a courier carries from and to. */
export interface CourierOptions {
  readonly url: string;
  readonly brokers: string[];
  readonly prefix: string;
  readonly inbox: boolean;
  /** A crash point, `name:hits`. */
  readonly crashAt?: string;
}

const KEYS = 3;

class Courier1700000000001 implements MigrationInterface {
  readonly name = 'Courier1700000000001';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(messagingTablesSql());
    await runner.query(
      'create table facts (at bigint generated always as identity, n integer primary key, key text not null)',
    );
    await runner.query(
      'create table effects (at bigint generated always as identity primary key, event_id uuid not null, key text not null, n integer not null)',
    );
    await runner.query('create table counters (key text primary key, n integer not null)');
  }
  async down(): Promise<void> {
    await Promise.resolve();
  }
}

const schema = 'courier';

/** Says a fact and its event in one transaction; facts of one key come one after the other. */
@Injectable()
export class Sender {
  constructor(
    private readonly database: Database,
    private readonly outbox: Outbox,
  ) {}

  async say(n: number): Promise<void> {
    const model = `key-${n % KEYS}`;
    await this.database.transaction(async (tx) => {
      // The lock that orders two transactions of one key, as a service's aggregate row does.
      await tx.query('insert into counters (key, n) values ($1, $2) on conflict (key) do update set n = excluded.n', [
        model,
        n,
      ]);
      const fresh = await tx.query('insert into facts (n, key) values ($1, $2) on conflict do nothing returning n', [
        n,
        model,
      ]);
      if (fresh.length === 0) return;
      await this.outbox.publish(tx, 'model.rejected', {
        ...{ model, project: 'default', version: n, revision: n, digest: 'a'.repeat(64) },
        ...{ rejectedBy: 'courier', reason: 'test', rejectedAt: new Date().toISOString() },
      });
    });
  }
}

/** The effect of an event is a row, without anything that would keep a second one away. */
@Controller()
class Receiver {
  @OnEvent('model.rejected')
  async rejected({ id, data }: DataEvent<'model.rejected'>, { tx }: EventContext): Promise<void> {
    await tx.query('insert into effects (event_id, key, n) values ($1, $2, $3)', [id, data.model, data.version]);
  }

  @Get()
  @Public()
  alive(): string {
    return 'yes';
  }
}

@Module({})
class CourierModule {}

class CourierConfig extends ServiceConfig {
  override port = 0;
  override logLevel = 'error' as const;
}

export async function prepareCourier(url: string): Promise<void> {
  await runMigrations({ url, schema, migrations: [Courier1700000000001] });
}

/** A service that publishes and consumes its own events, with all that lies between. */
export function startCourier({ url, brokers, prefix, inbox, crashAt }: CourierOptions): Promise<RunningService> {
  const tuning = { sessionTimeoutMs: 6000, heartbeatMs: 500, maxBatch: 20 };
  const module = (): DynamicModule => ({
    module: CourierModule,
    imports: [
      DatabaseModule.forService({ url, schema, entities: [], migrations: [Courier1700000000001] }),
      MessagingModule.forService({
        service: 'registry',
        brokers,
        prefix,
        inbox,
        tuning,
        ...(crashAt ? { crashAt } : {}),
      }),
    ],
    controllers: [Receiver],
    providers: [Sender],
  });
  return createService({ name: 'courier', config: CourierConfig, module, prepare: connectEvents }, new CourierConfig());
}
