import { QueryFailedError, QueryRunnerAlreadyReleasedError, type DataSource, type QueryRunner } from 'typeorm';
import { DatabaseUnreachable } from './reporting-pool.js';
import { Transaction } from './transaction.js';

/** The part of the driver's connection that ends a transaction. */
interface Connection {
  query(sql: string): Promise<{ readonly command: string }>;
  end(): Promise<void>;
}

/** Runs the work in one transaction of its own connection; what is to follow a commit follows it. */
export async function runTransaction<T>(source: DataSource, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const runner = source.createQueryRunner();
  const tx = new Transaction(runner.manager);
  let result: T;
  try {
    await runner.startTransaction();
    result = await work(tx);
    await commit(runner);
  } catch (error) {
    await rollBack(runner);
    // Nothing but a broken connection releases the runner before its end.
    throw error instanceof QueryRunnerAlreadyReleasedError ? new DatabaseUnreachable(error) : error;
  } finally {
    await runner.release();
  }
  tx.committed();
  return result;
}

/**
 * To a COMMIT after a statement whose error was swallowed, Postgres answers ROLLBACK, and no error. TypeORM does not
 * look at the answer.
 */
async function commit(runner: QueryRunner): Promise<void> {
  if (runner.isReleased) throw new QueryRunnerAlreadyReleasedError();
  const connection = (await runner.connect()) as Connection;
  const answer = await connection.query('COMMIT').catch((error: unknown) => {
    throw error instanceof Error ? new QueryFailedError('COMMIT', [], error) : error;
  });
  if (answer.command !== 'COMMIT') {
    throw new Error('nothing was committed: a statement of the transaction had failed, and its error was swallowed');
  }
}

/**
 * Asked of the connection itself: TypeORM would go back to a savepoint only, if a nested transaction did not come to its
 * end. A connection that cannot be brought back is given up. The error that led here matters more than what happens now.
 */
async function rollBack(runner: QueryRunner): Promise<void> {
  if (runner.isReleased || !runner.isTransactionActive) return;
  const connection = (await runner.connect().catch(() => undefined)) as Connection | undefined;
  await connection?.query('ROLLBACK').catch(() => connection.end().catch(() => undefined));
}
