import { createLogger } from '@baton/telemetry';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';
import type { DataSource, EntityManager } from 'typeorm';
import { createDataSource, type DatabaseOptions } from './data-source.js';
import { databaseAway, isDatabaseAway } from './database-errors.js';
import { reasonOf } from './reporting-pool.js';
import { runTransaction } from './run-transaction.js';
import type { Transaction } from './transaction.js';

const log = createLogger('database');
const RETRY_MS = 500;
const TRIES_PER_MESSAGE = 20;
const READY_TIMEOUT_MS = 2000;

/**
 * A service's schema. It is there from the start even if Postgres is not: until the first connection, and whenever the
 * connection is lost, work fails with the retriable 503 `database-away`.
 */
@Injectable()
export class Database implements OnApplicationShutdown {
  readonly dataSource: DataSource;
  private readonly closing = new AbortController();
  private readonly connecting: Promise<void>;
  private problem = 'no connection yet';
  private probe: Promise<string | undefined> | undefined;

  constructor(options: DatabaseOptions) {
    this.dataSource = createDataSource(options, (error) =>
      log.warn('an idle connection was lost', { error: error.message }),
    );
    this.connecting = this.connect();
  }

  /** Reads outside of a transaction. @throws ServiceError `database-away` before the first connection */
  get manager(): EntityManager {
    if (!this.dataSource.isInitialized) throw databaseAway();
    return this.dataSource.manager;
  }

  /**
   * Runs the work in one transaction; an error rolls everything back and is thrown on. When the connection breaks
   * during the commit, nobody knows its outcome: the error is `database-away` then too.
   */
  async transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    if (!this.dataSource.isInitialized) throw databaseAway();
    return runTransaction(this.dataSource, work);
  }

  /** Undefined when the database answers, else why not. One question at a time, however often it is asked. */
  async readiness(): Promise<string | undefined> {
    if (!this.dataSource.isInitialized) return this.problem;
    this.probe ??= this.dataSource
      .query('select 1')
      .then(() => undefined, reasonOf)
      .finally(() => {
        this.probe = undefined;
      });
    return Promise.race([this.probe, pause(READY_TIMEOUT_MS, 'no answer', { ref: false })]);
  }

  async onApplicationShutdown(): Promise<void> {
    this.closing.abort();
    await this.connecting;
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }

  private async connect(): Promise<void> {
    for (let tries = 0; !this.closing.signal.aborted; tries += 1) {
      try {
        await this.dataSource.initialize();
        return;
      } catch (error) {
        this.problem = reasonOf(error);
        if (tries % TRIES_PER_MESSAGE === 0) this.report(error);
        await pause(RETRY_MS, undefined, { signal: this.closing.signal }).catch(() => undefined);
      }
    }
  }

  /** What waiting does not mend (an entity that cannot be, say) somebody has to look at. */
  private report(error: unknown): void {
    if (isDatabaseAway(error)) log.warn('the database does not answer, trying again', { reason: this.problem });
    else log.error('the database cannot be used', { error });
  }
}
