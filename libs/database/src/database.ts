import { createLogger } from '@baton/telemetry';
import { ServiceError } from '@baton/service';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';
import type { DataSource, EntityManager } from 'typeorm';
import { createDataSource, type DatabaseOptions } from './data-source.js';
import { Transaction } from './transaction.js';

const log = createLogger('database');
const RETRY_MS = 500;
const READY_TIMEOUT_MS = 2000;

/**
 * A service's schema. It is there from the start even if Postgres is not: until the first connection, and whenever the
 * connection is lost, work fails with the retriable 503 `database-away`.
 */
@Injectable()
export class Database implements OnApplicationShutdown {
  readonly dataSource: DataSource;
  private closing = false;
  private readonly connecting: Promise<void>;

  constructor(options: DatabaseOptions) {
    this.dataSource = createDataSource(options, (error) =>
      log.warn('an idle connection was lost', { error: error.message }),
    );
    this.connecting = this.connect();
  }

  /** Reads outside of a transaction. @throws ServiceError `database-away` before the first connection */
  get manager(): EntityManager {
    this.assertConnected();
    return this.dataSource.manager;
  }

  /** Runs the work in one transaction; an error rolls everything back and is thrown on. */
  async transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    this.assertConnected();
    let tx: Transaction | undefined;
    const result = await this.dataSource.transaction(async (manager) => {
      tx = new Transaction(manager);
      return work(tx);
    });
    tx?.committed();
    return result;
  }

  /** Undefined when the database answers, else why not. */
  async readiness(): Promise<string | undefined> {
    if (!this.dataSource.isInitialized) return 'no connection yet';
    const answer = this.dataSource.query('select 1').then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    return Promise.race([answer, pause(READY_TIMEOUT_MS, 'no answer', { ref: false })]);
  }

  async onApplicationShutdown(): Promise<void> {
    this.closing = true;
    await this.connecting;
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }

  private assertConnected(): void {
    if (this.dataSource.isInitialized) return;
    throw new ServiceError('database-away', 'the database does not answer now; try again soon', {
      status: 503,
      retriable: true,
      retryAfterSeconds: 2,
    });
  }

  private async connect(): Promise<void> {
    for (let tries = 1; !this.closing; tries += 1) {
      try {
        await this.dataSource.initialize();
        return;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        if (tries % 20 === 1) log.warn('the database does not answer, trying again', { reason });
        await pause(RETRY_MS);
      }
    }
  }
}
