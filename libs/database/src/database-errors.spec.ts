import { ServiceError } from '@baton/service';
import { QueryFailedError } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { isDatabaseAway, isUniqueViolation, mapDatabaseError } from './database-errors.js';
import { DatabaseUnreachable } from './reporting-pool.js';

const failed = (fields: { code?: string; constraint?: string }, message = 'said by Postgres') =>
  new QueryFailedError('select 1', [], Object.assign(new Error(message), fields));
const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

describe('a database error', () => {
  it.each([
    ['no connection to be had', new DatabaseUnreachable(refused)],
    ['a statement cut by a restart', failed({ code: '57P01' })],
    ['a server that is starting', failed({ code: '57P03' })],
    ['too many connections', failed({ code: '53300' })],
    ['a full disk', failed({ code: '53100' })],
    ['a server that became a standby', failed({ code: '25006' })],
    ['a socket that broke', failed({ code: 'ECONNRESET' })],
    ['a connection that ended', failed({}, 'Connection terminated unexpectedly')],
    ['a connection that is broken', failed({}, 'Client has encountered a connection error and is not queryable')],
    ['one of these as a cause', new Error('storing failed', { cause: failed({ code: '08006' }) })],
  ])('for %s is a retriable 503 with a time to try again', (_, error) => {
    expect(isDatabaseAway(error)).toBe(true);
    const expected = { status: 503, code: 'database-away', retriable: true, retryAfterSeconds: 2 };
    expect(mapDatabaseError(error)).toMatchObject(expected);
  });

  it.each(['40001', '40P01', '55P03'])('%s may pass the next time', (code) => {
    expect(mapDatabaseError(failed({ code }))).toMatchObject({ status: 503, code: 'contention', retriable: true });
    expect(isDatabaseAway(failed({ code }))).toBe(false);
  });

  it('for a statement that took too long is not tried for ever', () => {
    expect(mapDatabaseError(failed({ code: '57014' }))).toMatchObject({ code: 'database-slow', retriable: false });
  });

  it.each([
    ['a fault in a statement', failed({ code: '42601' })],
    ['a table that is not there', failed({ code: '42P01' })],
    ["another service's socket", refused],
    ["another service's socket below fetch", new TypeError('fetch failed', { cause: refused })],
    ['text about a connection that is not ours', new Error('Connection terminated')],
    ['an answer that is made already', new ServiceError('other', 'other', { status: 409 })],
    ['no error', 'text'],
  ])('is not seen in %s', (_, error) => {
    expect(mapDatabaseError(error)).toBeUndefined();
  });
});

describe('a unique constraint', () => {
  it.each([
    ['23505', 'model_name', undefined, true],
    ['23505', 'model_name', 'model_name', true],
    ['23505', 'model_name', 'other', false],
    ['23503', 'model_name', undefined, false],
  ])('seen in %s of %s, asked for %s: %s', (code, constraint, asked, seen) => {
    expect(isUniqueViolation(failed({ code, constraint }), asked)).toBe(seen);
  });
});
