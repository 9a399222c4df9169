import pg, { type PoolClient, type PoolConfig } from 'pg';

/**
 * Thrown when there is no connection to be had: Postgres is down, starting, full, or refuses the role, or the
 * connection of a transaction broke. Its cause is what the driver said.
 */
export class DatabaseUnreachable extends Error {
  override readonly name = 'DatabaseUnreachable';

  constructor(cause: unknown) {
    super(`the database cannot be reached: ${reasonOf(cause)}`, { cause });
  }
}

type Connected = (error: Error | undefined, client: PoolClient | undefined, done: (release?: unknown) => void) => void;

/**
 * A pool whose failures to connect can be told from everybody else's: an ECONNREFUSED by itself may come from any
 * socket of the process.
 */
export class ReportingPool extends pg.Pool {
  constructor(options?: PoolConfig) {
    super(options);
    // The pool listens to connections that are idle, and who has one listens to it from the next turn on. One that breaks
    // in between is found broken by the first statement; it must not stop the process.
    this.on('connect', (client) => client.on('error', () => undefined));
  }

  override connect(): Promise<PoolClient>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<PoolClient> | void {
    if (!callback) {
      return super.connect().catch((error: unknown) => {
        throw new DatabaseUnreachable(error);
      });
    }
    super.connect((error, client, done) => callback(error && new DatabaseUnreachable(error), client, done));
  }
}

/** Several addresses that all failed make an error without a message of its own. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(reasonOf).join(', ');
  return error instanceof Error ? error.message : String(error);
}
