import { createServiceRole, runMigrations, schemaDifferences } from '@baton/database';
import { testDatabase, type TestDatabase } from '@baton/testing';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BookShelf, Broken1700000000003, First1700000000001, Second1700000000002 } from './shelf.js';

const schema = 'library';
const first = First1700000000001.name;
const second = Second1700000000002.name;
let database: TestDatabase;

const migrate = (migrations: (new () => object)[], url = database.url) => runMigrations({ url, schema, migrations });
const tables = async () => {
  const rows = await database.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = $1 order by 1`,
    [schema],
  );
  return rows.map(({ name }) => name);
};

beforeEach(async () => {
  database = await testDatabase(schema);
});

afterEach(() => database.drop());

describe('migrations', () => {
  it('run once each, in order, and keep their list in the schema', async () => {
    expect(await migrate([First1700000000001])).toEqual([first]);
    expect(await migrate([First1700000000001, Second1700000000002])).toEqual([second]);
    expect(await migrate([First1700000000001, Second1700000000002])).toEqual([]);
    expect(await tables()).toEqual(['book_shelf', 'migrations']);
  });

  it('create the schema where it is absent', async () => {
    await database.query(`drop schema ${schema}`);
    expect(await migrate([First1700000000001])).toEqual([first]);
    expect(await tables()).toContain('book_shelf');
  });

  it('run once when several begin at the same time', async () => {
    const runs = await Promise.all([1, 2, 3, 4].map(() => migrate([First1700000000001, Second1700000000002])));
    expect(runs.flat().sort()).toEqual([first, second]);
  });

  it('leave nothing of one that fails, and keep what ran before it', async () => {
    await expect(migrate([First1700000000001, Broken1700000000003])).rejects.toThrow('no_such_type');
    expect(await tables()).toEqual(['book_shelf', 'migrations']);
    expect(await migrate([First1700000000001, Second1700000000002])).toEqual([second]);
  });

  it('refuse a schema whose name is a statement', async () => {
    const run = runMigrations({ url: database.url, schema: 'x"; drop schema library; --', migrations: [] });
    await expect(run).rejects.toThrow('no name for a schema');
  });
});

describe('entities and tables', () => {
  it('agree after the migrations', async () => {
    await migrate([First1700000000001]);
    expect(await schemaDifferences({ url: database.url, schema, entities: [BookShelf] })).toEqual([]);
  });

  it.each([
    ['a column that is missing', 'alter table book_shelf drop column book_count', 'book_count'],
    ['a column that is too many', 'alter table book_shelf add column colour text', 'colour'],
    ['another type', 'alter table book_shelf alter column book_count type bigint', 'book_count'],
    ['a value that may be absent', 'alter table book_shelf alter column book_count drop not null', 'book_count'],
    ['a table that is missing', 'drop table book_shelf', 'CREATE TABLE'],
  ])('differ by %s', async (_, change, word) => {
    await migrate([First1700000000001]);
    await database.query(change);
    const differences = await schemaDifferences({ url: database.url, schema, entities: [BookShelf] });
    expect(differences.join('\n')).toContain(word);
  });
});

describe("a service's role", () => {
  const as = (role: string, password: string) =>
    Object.assign(new URL(database.url), { username: role, password }).href;

  /** Roles belong to the server, which other tests share. */
  const role = `role_${process.pid}`;
  const other = `${role}_other`;

  async function attempt(url: string, sql: string): Promise<string> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      await client.query(sql);
      return 'allowed';
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    } finally {
      await client.end();
    }
  }

  afterEach(async () => {
    for (const name of [role, other]) {
      await database.query(`drop owned by ${name} cascade`);
      await database.query(`drop role ${name}`);
    }
  });

  it('runs its migrations and owns what they make, and nothing else', async () => {
    await createServiceRole(database.url, { schema: role, password: "it's one" });
    await createServiceRole(database.url, { schema: other, password: 'two' });
    // A second time only sets the password.
    await createServiceRole(database.url, { schema: role, password: 'one' });
    const url = as(role, 'one');
    expect(await runMigrations({ url, schema: role, migrations: [First1700000000001] })).toEqual([first]);

    expect(await attempt(url, 'select * from book_shelf')).toBe('allowed');
    expect(await attempt(as(other, 'two'), `select * from ${role}.book_shelf`)).toContain('permission denied');
    expect(await attempt(url, `create table ${other}.stolen (id int)`)).toContain('permission denied');
    expect(await attempt(url, 'create table public.mine (id int)')).toContain('permission denied');
    expect(await attempt(url, 'create schema another')).toContain('permission denied');
    expect(await attempt(url, 'create role another')).toContain('permission denied');
    await expect(attempt(as(role, "it's one"), 'select 1')).rejects.toThrow('password authentication failed');
  });
});
