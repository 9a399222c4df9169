import { Client } from 'pg';
import { createDataSource, type DatabaseOptions } from './data-source.js';

/** Two runs at once must not collide: the second waits for the first. */
const LOCK = 'select pg_advisory_lock(hashtext($1))';
const UNLOCK = 'select pg_advisory_unlock(hashtext($1))';

/** Brings a service's tables up to date. Gives the names of the migrations that ran. */
export async function runMigrations(options: Omit<DatabaseOptions, 'entities'>): Promise<string[]> {
  const guard = new Client({ connectionString: options.url, application_name: `baton-${options.schema}-migrations` });
  await guard.connect();
  try {
    await guard.query(LOCK, [`baton-migrations-${options.schema}`]);
    await guard.query(`create schema if not exists ${quoted(options.schema)}`);
    const dataSource = createDataSource({ ...options, entities: [], poolSize: 2 }, () => undefined);
    await dataSource.initialize();
    try {
      return (await dataSource.runMigrations()).map(({ name }) => name);
    } finally {
      await dataSource.destroy();
    }
  } finally {
    await guard.query(UNLOCK, [`baton-migrations-${options.schema}`]).catch(() => undefined);
    await guard.end();
  }
}

/** The statements that would make the tables fit the entities; empty when they agree. */
export async function schemaDifferences(options: Omit<DatabaseOptions, 'migrations'>): Promise<string[]> {
  const dataSource = createDataSource({ ...options, migrations: [], poolSize: 2 }, () => undefined);
  await dataSource.initialize();
  try {
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    return upQueries.map(({ query }) => query);
  } finally {
    await dataSource.destroy();
  }
}

export interface ServiceRole {
  /** Name of the schema, and of the role that owns it. */
  readonly schema: string;
  readonly password: string;
}

/**
 * Creates a role that may log in and owns its schema and nothing else; sets its password if it exists.
 * @param adminUrl a role that may create roles and schemas
 */
export async function createServiceRole(adminUrl: string, { schema, password }: ServiceRole): Promise<void> {
  const admin = new Client({ connectionString: adminUrl, application_name: 'baton-setup' });
  await admin.connect();
  try {
    await admin.query(LOCK, ['baton-roles']);
    const { rowCount } = await admin.query('select 1 from pg_roles where rolname = $1', [schema]);
    const verb = rowCount === 0 ? 'create' : 'alter';
    await admin.query(`${verb} role ${quoted(schema)} login password ${admin.escapeLiteral(password)}`);
    // Membership lets an admin that is no superuser give the schema away.
    await admin.query(`grant ${quoted(schema)} to current_user`).catch(() => undefined);
    await admin.query(`create schema if not exists ${quoted(schema)} authorization ${quoted(schema)}`);
    await admin.query(`alter role ${quoted(schema)} set search_path = ${quoted(schema)}`);
  } finally {
    await admin.end();
  }
}

function quoted(name: string): string {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(name)) throw new Error(`"${name}" is no name for a schema`);
  return `"${name}"`;
}
