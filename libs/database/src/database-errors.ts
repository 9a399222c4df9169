import { ServiceError } from '@baton/service';
import { QueryFailedError } from 'typeorm';

/** Postgres' classes 08 (connection) and 57P (shutdown, crash, starting up), and 53300 (too many connections). */
const AWAY_STATES = /^(08...|57P0[1-5]|53300)$/;
const AWAY_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ETIMEDOUT',
  'EPIPE',
  'EAI_AGAIN',
]);
const AWAY_MESSAGES =
  /Connection terminated|timeout exceeded when trying to connect|not queryable|Client has encountered a connection error|Driver not Connected|Cannot use a pool after calling end|Connection is not established/i;
/** Serialization failure and deadlock: the same transaction may pass the next time. */
const CONTENTION_STATES = new Set(['40001', '40P01']);
const UNIQUE_VIOLATION = '23505';
const QUERY_CANCELED = '57014';

/** True when the database cannot be reached now; the cause is outside and passes. */
export function isDatabaseAway(error: unknown): boolean {
  return chain(error).some(({ code, message }) => {
    if (code !== undefined && (AWAY_STATES.test(code) || AWAY_CODES.has(code))) return true;
    return AWAY_MESSAGES.test(message);
  });
}

/** True when a unique constraint refused the row; of the given name, if one is given. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  return chain(error).some(
    (one) => one.code === UNIQUE_VIOLATION && (constraint === undefined || one.constraint === constraint),
  );
}

/** What a database error means to a caller: 503 with a time to try again, or undefined when it is a fault of ours. */
export function mapDatabaseError(error: unknown): ServiceError | undefined {
  const passing = (code: string, message: string) =>
    new ServiceError(code, message, { status: 503, retriable: true, retryAfterSeconds: 2, cause: error });
  if (isDatabaseAway(error)) return passing('database-away', 'the database does not answer now; try again soon');
  const codes = chain(error).map(({ code }) => code);
  if (codes.some((code) => code !== undefined && CONTENTION_STATES.has(code))) {
    return passing('contention', 'another change was in the way; try again');
  }
  return codes.includes(QUERY_CANCELED)
    ? passing('database-slow', 'the database took too long; try again soon')
    : undefined;
}

interface KnownError {
  readonly code?: string;
  readonly constraint?: string;
  readonly message: string;
}

/** The error and what it was caused by. */
function chain(error: unknown, depth = 0): KnownError[] {
  if (!(error instanceof Error) || depth > 5) return [];
  const inner: unknown = error instanceof QueryFailedError ? error.driverError : error.cause;
  return [error, ...chain(inner, depth + 1)];
}
