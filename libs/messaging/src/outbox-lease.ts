import { Database } from '@baton/database';
import type { QueryRunner } from 'typeorm';

const LOCK = `hashtextextended(current_schema() || '.outbox', 0)`;

/**
 * The right to send a service's outbox: a session lock, held on a connection of its own. All work on the outbox goes
 * over that connection, so that whoever loses it notices, and Postgres frees the lock when the process dies.
 */
export class OutboxLease {
  private runner: QueryRunner | undefined;

  constructor(private readonly database: Database) {}

  /** False when another process leads. */
  async acquire(): Promise<boolean> {
    this.runner = this.database.manager.connection.createQueryRunner();
    const [row] = await this.query<{ leader: boolean }>(`select pg_try_advisory_lock(${LOCK}) as leader`);
    return row?.leader === true;
  }

  async query<T>(sql: string, params: unknown[] = []): Promise<T[]> {
    if (!this.runner) throw new Error('the outbox lease was not acquired');
    return (await this.runner.query(sql, params)) as T[];
  }

  /** Throws when the connection, and with it the lock, is gone: another process may be sending by now. */
  async confirm(): Promise<void> {
    await this.query('select 1');
  }

  async release(): Promise<void> {
    const runner = this.runner;
    this.runner = undefined;
    if (!runner) return;
    await runner.query('select pg_advisory_unlock_all()').catch(() => undefined);
    await runner.release().catch(() => undefined);
  }
}
