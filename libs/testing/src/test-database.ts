import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import './shared-backing.js';

/** An empty database of one test file. */
export interface TestDatabase {
  readonly url: string;
  readonly schema: string;
  query<T>(sql: string, params?: unknown[]): Promise<T[]>;
  readonly drop: () => Promise<void>;
}

/** Makes a database on the shared Postgres with an empty schema. */
export async function testDatabase(schema: string): Promise<TestDatabase> {
  const { postgresUrl } = inject('batonBacking');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await execute(postgresUrl, `create database ${name}`);
  const url = Object.assign(new URL(postgresUrl), { pathname: `/${name}` }).href;
  await execute(url, `create schema ${schema}`);
  const pool = testPool(url, schema, { max: 2 });
  return {
    url,
    schema,
    query: async <T>(sql: string, params: unknown[] = []) => (await pool.query(sql, params)).rows as T[],
    drop: async () => {
      await pool.end();
      await execute(postgresUrl, `drop database ${name} with (force)`);
    },
  };
}

/** A pool that is not troubled when its Postgres is killed; the next query is told. */
export function testPool(url: string, schema: string, options: pg.PoolConfig = {}): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, options: `-c search_path=${schema}`, ...options });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
