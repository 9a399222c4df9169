import type { Client } from 'pg';
import { connectOnce, quoted } from './admin-connection.js';
import { createDataSource, type DatabaseOptions } from './data-source.js';

export type MigrationOptions = Pick<DatabaseOptions, 'url' | 'schema' | 'migrations'>;
export type ComparisonOptions = Pick<DatabaseOptions, 'url' | 'schema' | 'entities'>;

/**
 * Brings a service's tables up to date, each migration in a transaction of its own. Runs at the same time wait for each
 * other. Gives the names of the migrations that ran now.
 * @param options the url is the service's own role, so that the tables belong to it
 */
export async function runMigrations(options: MigrationOptions): Promise<string[]> {
  const { url, schema } = options;
  return connectOnce(url, `baton-${schema}-migrations`, async (guard) => {
    await guard.query('select pg_advisory_lock(hashtext($1))', [`baton-migrations-${schema}`]);
    await createSchemaIfAbsent(guard, schema);
    // Building an index takes as long as it takes.
    const settings = { ...options, entities: [], poolSize: 2, statementTimeoutMs: 0 };
    const source = createDataSource(settings, () => undefined);
    await source.initialize();
    try {
      return (await source.runMigrations()).map(({ name }) => name);
    } finally {
      await source.destroy();
    }
  });
}

/** The statements that would make the tables fit the entities; empty when they agree. */
export async function schemaDifferences(options: ComparisonOptions): Promise<string[]> {
  const source = createDataSource({ ...options, migrations: [], poolSize: 2 }, () => undefined);
  await source.initialize();
  try {
    const { upQueries } = await source.driver.createSchemaBuilder().log();
    return upQueries.map(({ query }) => query);
  } finally {
    await source.destroy();
  }
}

/** Asked first, because "if not exists" needs the right to create schemas even where there is nothing to do. */
async function createSchemaIfAbsent(client: Client, schema: string): Promise<void> {
  const { rowCount } = await client.query('select 1 from pg_namespace where nspname = $1', [schema]);
  if (rowCount === 0) await client.query(`create schema if not exists ${quoted(schema)}`);
}
