import { createLogger } from '@baton/telemetry';
import type { EntityManager } from 'typeorm';

const log = createLogger('database');

/** One transaction: what is written through it commits together or not at all. */
export class Transaction {
  private readonly afterwards: (() => void)[] = [];

  constructor(readonly manager: EntityManager) {}

  /** Rows of a statement with `$1`-parameters. */
  async query<T>(sql: string, params: readonly unknown[] = []): Promise<T[]> {
    const result: unknown = await this.manager.query(sql, [...params]);
    return rowsOf<T>(result);
  }

  /** Runs after the commit, and never when there is none. What it throws is logged: the commit stands. */
  afterCommit(run: () => void): void {
    this.afterwards.push(run);
  }

  /** For whoever committed it. */
  committed(): void {
    for (const run of this.afterwards) {
      try {
        run();
      } catch (error) {
        log.error('what was to follow a commit failed', { error });
      }
    }
  }
}

/** TypeORM gives `[rows, count]` for statements that change rows, and rows alone for the others. */
export function rowsOf<T>(result: unknown): T[] {
  if (!Array.isArray(result)) return [];
  const [first, second] = result as unknown[];
  const counted = result.length === 2 && Array.isArray(first) && typeof second === 'number';
  return (counted ? first : result) as T[];
}
