import { ServiceError } from '@baton/service';
import { QueryFailedError } from 'typeorm';
import { DatabaseUnreachable } from './reporting-pool.js';

const RETRY_AFTER_SECONDS = 2;
/**
 * SQLSTATE classes 08 (connection), 53 (out of connections, memory, disk), 57P (shutdown, crash, starting up) and 58
 * (fault of the machine), and a server that became a standby: PostgreSQL, appendix A.
 */
const AWAY_STATES = /^(08...|53...|57P0[1-5]|58...|25006)$/;
const AWAY_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH']);
const AWAY_MESSAGES = /Connection terminated|not queryable|Client has encountered a connection error|Cannot use a pool/;
/** Serialization failure, deadlock, lock timeout, transaction timeouts: the same transaction may pass the next time. */
const CONTENTION_STATES = new Set(['40001', '40P01', '55P03', '25P03', '25P04']);
const UNIQUE_VIOLATION = '23505';
const QUERY_CANCELED = '57014';

/** True when the database cannot be reached, or takes no work, now; the cause is outside and passes. */
export function isDatabaseAway(error: unknown): boolean {
  if (chain(error).some((one) => one instanceof DatabaseUnreachable)) return true;
  return driverErrors(error).some(({ code, message }) => {
    if (code !== undefined && (AWAY_STATES.test(code) || AWAY_CODES.has(code))) return true;
    return AWAY_MESSAGES.test(message);
  });
}

/** True when a unique constraint refused the row; of the given name, if one is given. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  return driverErrors(error).some(
    (one) => one.code === UNIQUE_VIOLATION && (constraint === undefined || one.constraint === constraint),
  );
}

/** What a database error means to a caller: 503 with a time to try again, or undefined when it is a fault of ours. */
export function mapDatabaseError(error: unknown): ServiceError | undefined {
  if (isDatabaseAway(error)) return databaseAway(error);
  const codes = driverErrors(error).map(({ code }) => code ?? '');
  if (codes.some((code) => CONTENTION_STATES.has(code))) {
    return passing('contention', 'another change was in the way; try again', { retriable: true, cause: error });
  }
  // Not retriable: a statement that is always too slow would be tried for ever, and hold up what comes after it.
  return codes.includes(QUERY_CANCELED)
    ? passing('database-slow', 'the database took too long; try again later', { retriable: false, cause: error })
    : undefined;
}

/** The retriable 503 `database-away`. */
export function databaseAway(cause?: unknown): ServiceError {
  return passing('database-away', 'the database does not answer now; try again soon', { retriable: true, cause });
}

function passing(code: string, message: string, options: { retriable: boolean; cause: unknown }): ServiceError {
  return new ServiceError(code, message, { ...options, status: 503, retryAfterSeconds: RETRY_AFTER_SECONDS });
}

interface DriverError {
  readonly code?: string;
  readonly constraint?: string;
  readonly message: string;
}

/** What the driver said about a statement. Errors of other origin are no concern of this library. */
function driverErrors(error: unknown): DriverError[] {
  return chain(error).flatMap((one) => (one instanceof QueryFailedError ? [one.driverError as DriverError] : []));
}

/** The error and what it was caused by. */
function chain(error: unknown, depth = 0): Error[] {
  if (!(error instanceof Error) || depth > 5) return [];
  const inner: unknown = error instanceof QueryFailedError ? error.driverError : error.cause;
  return [error, ...chain(inner, depth + 1)];
}
