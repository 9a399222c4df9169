import { runMigrations } from '@baton/database';
import { testDatabase, waitFor, type TestDatabase } from '@baton/testing';
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BookShelf, First1700000000001, startDatabase, type RunningDatabase } from './shelf.js';

const schema = 'library';
let server: TestDatabase;
let running: RunningDatabase;

const shelf = (shortName: string, bookCount = 1) => ({
  id: randomUUID(),
  shortName,
  bookCount,
  installedAt: null,
});
const names = async () => {
  const rows = await server.query<{ name: string }>('select short_name as name from book_shelf order by 1');
  return rows.map(({ name }) => name);
};
const meaning = async (work: Promise<unknown>) => {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return running.errors.map(error);
};

beforeAll(async () => {
  server = await testDatabase(schema);
  await runMigrations({ url: server.url, schema, migrations: [First1700000000001] });
  running = await startDatabase({ url: server.url, poolSize: 3 });
  await waitFor(async () => ((await running.readiness.missing())['database'] ? undefined : true), {
    what: 'readiness',
  });
});

afterEach(() => server.query('delete from book_shelf'));

afterAll(async () => {
  await running?.close();
  await server?.drop();
});

describe('a transaction', () => {
  it('commits everything, then runs what is to follow', async () => {
    const order: string[] = [];
    const result = await running.database.transaction(async (tx) => {
      tx.afterCommit(() => order.push('after'));
      await tx.manager.insert(BookShelf, shelf('a'));
      const rows = await tx.query<{ id: string }>(
        'insert into book_shelf values ($1, $2, 1, null, 1) returning short_name',
        [randomUUID(), 'b'],
      );
      order.push('work');
      return rows;
    });
    expect(result).toEqual([{ short_name: 'b' }]);
    expect(order).toEqual(['work', 'after']);
    expect(await names()).toEqual(['a', 'b']);
  });

  it('leaves nothing and runs nothing when the work fails', async () => {
    let followed = false;
    const work = running.database.transaction(async (tx) => {
      tx.afterCommit(() => (followed = true));
      await tx.manager.insert(BookShelf, shelf('a'));
      throw new Error('changed my mind');
    });
    await expect(work).rejects.toThrow('changed my mind');
    expect(await names()).toEqual([]);
    expect(followed).toBe(false);
  });

  it('fails when a statement failed whose error was swallowed, instead of telling of a commit that never was', async () => {
    let followed = false;
    const work = running.database.transaction(async (tx) => {
      tx.afterCommit(() => (followed = true));
      await tx.manager.insert(BookShelf, shelf('a'));
      await tx.manager.insert(BookShelf, shelf('a')).catch(() => undefined);
    });
    await expect(work).rejects.toThrow('nothing was committed');
    expect(await names()).toEqual([]);
    expect(followed).toBe(false);
  });

  it('survives a statement that failed inside a savepoint', async () => {
    await running.database.transaction(async (tx) => {
      await tx.manager.insert(BookShelf, shelf('a'));
      const inner = tx.manager.transaction((nested) => nested.insert(BookShelf, shelf('a')));
      await expect(inner).rejects.toThrow('duplicate key');
      await tx.manager.insert(BookShelf, shelf('b'));
    });
    expect(await names()).toEqual(['a', 'b']);
  });

  it('gives its connection back without an open transaction, even from inside an unfinished savepoint', async () => {
    for (let round = 0; round < 5; round += 1) {
      const work = running.database.transaction(async (tx) => {
        const inside = Promise.withResolvers<void>();
        const unfinished = tx.manager.transaction(async (nested) => {
          inside.resolve();
          await nested.query('select pg_sleep(0.05)');
        });
        unfinished.catch(() => undefined);
        await inside.promise;
        throw new Error('first');
      });
      await expect(work).rejects.toThrow('first');
    }
    const open = `select count(*)::int as n from pg_stat_activity
      where application_name = 'baton-library' and state like 'idle in transaction%'`;
    await expect.poll(() => server.query(open)).toEqual([{ n: 0 }]);
  });

  it('stands although what follows it throws', async () => {
    const order: string[] = [];
    await running.database.transaction(async (tx) => {
      await tx.manager.insert(BookShelf, shelf('a'));
      tx.afterCommit(() => {
        throw new Error('in the aftermath');
      });
      tx.afterCommit(() => order.push('second'));
    });
    expect(order).toEqual(['second']);
    expect(await names()).toEqual(['a']);
  });

  it('is refused at its commit when a constraint is checked only then', async () => {
    await server.query(
      `alter table book_shelf add constraint one_each unique (book_count) deferrable initially deferred`,
    );
    const work = running.database.transaction(async (tx) => {
      await tx.manager.insert(BookShelf, [shelf('a', 7), shelf('b', 7)]);
    });
    await expect(work).rejects.toThrow('one_each');
    await server.query('alter table book_shelf drop constraint one_each');
    expect(await names()).toEqual([]);
  });
});

describe('an error of the database', () => {
  it('means "try again" to the loser of a deadlock, whose winner commits', async () => {
    await server.query(`insert into book_shelf values ($1, 'a', 0, null, 1), ($2, 'b', 0, null, 1)`, [
      randomUUID(),
      randomUUID(),
    ]);
    const [reached, meet] = meetingOf(2);
    const raise = (one: string, two: string) =>
      running.database.transaction(async (tx) => {
        await tx.query('update book_shelf set book_count = book_count + 1 where short_name = $1', [one]);
        reached();
        await meet;
        await tx.query('update book_shelf set book_count = book_count + 1 where short_name = $1', [two]);
      });
    const results = await Promise.allSettled([raise('a', 'b'), raise('b', 'a')]);
    const [lost] = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(running.errors.map(lost)).toMatchObject({ code: 'contention', status: 503, retriable: true });
  });

  it('means "try again" to a serializable transaction that came too late', async () => {
    await server.query(`insert into book_shelf values ($1, 'a', 0, null, 1)`, [randomUUID()]);
    const work = running.database.transaction(async (tx) => {
      await tx.query('set transaction isolation level serializable');
      await tx.query('select * from book_shelf');
      await server.query('update book_shelf set book_count = 5');
      await tx.query('update book_shelf set book_count = book_count + 1');
    });
    expect(await meaning(work)).toMatchObject({ code: 'contention', retriable: true });
  });

  it('is slow, not away, when a statement takes too long', async () => {
    const work = running.database.transaction(async (tx) => {
      await tx.query(`set local statement_timeout = '50ms'`);
      await tx.query('select pg_sleep(10)');
    });
    expect(await meaning(work)).toMatchObject({ code: 'database-slow', status: 503, retriable: false });
  });

  it('is ours when the statement is wrong', async () => {
    expect(await meaning(running.database.manager.query('selekt 1'))).toMatchObject({ code: 'internal', status: 500 });
  });
});

describe('a connection', () => {
  it('is called after the service, sees its schema only, and lets no statement run for ever', async () => {
    const [row] = await running.database.manager.query<object[]>(
      `select current_setting('application_name') as name, current_setting('search_path') as path,
        current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock`,
    );
    expect(row).toEqual({ name: 'baton-library', path: schema, statement: '30s', lock: '10s' });
  });

  it('that breaks inside a transaction is a retriable 503, takes nothing down, and is replaced', async () => {
    let followed = false;
    const work = running.database.transaction(async (tx) => {
      tx.afterCommit(() => (followed = true));
      await tx.manager.insert(BookShelf, shelf('a'));
      const [own] = await tx.query<{ pid: number }>('select pg_backend_pid() as pid');
      // Its own only: another one of the pool, broken but not noticed yet, would be given to the transaction below.
      await server.query('select pg_terminate_backend($1)', [own?.pid]);
      // The break has arrived when the pool has dropped its connection; only then is the next statement sent.
      await expect.poll(() => tx.manager.queryRunner?.isReleased).toBe(true);
      await tx.manager.insert(BookShelf, shelf('b'));
    });
    expect(await meaning(work)).toMatchObject({ code: 'database-away', status: 503, retriable: true });
    expect(followed).toBe(false);
    await running.database.transaction((tx) => tx.manager.insert(BookShelf, shelf('c')));
    expect(await names()).toEqual(['c']);
  });

  it('that breaks just before the commit is no commit', async () => {
    let followed = false;
    const work = running.database.transaction(async (tx) => {
      tx.afterCommit(() => (followed = true));
      await tx.manager.insert(BookShelf, shelf('a'));
      await tx.query('select pg_terminate_backend(pg_backend_pid())').catch(() => undefined);
    });
    expect(await meaning(work)).toMatchObject({ code: 'database-away', retriable: true });
    expect(followed).toBe(false);
    expect(await names()).toEqual([]);
  });

  it('that cannot be had because all are busy is a retriable 503, and the busy ones finish', async () => {
    const [reached, meet] = meetingOf(4);
    const busy = [1, 2, 3].map((n) =>
      running.database.transaction(async (tx) => {
        await tx.manager.insert(BookShelf, shelf(`busy${n}`));
        reached();
        await meet;
      }),
    );
    const refused = await meaning(running.database.transaction((tx) => tx.query('select 1')));
    reached();
    await Promise.all(busy);
    expect(refused).toMatchObject({ code: 'database-away', status: 503, retriable: true });
    expect(await names()).toEqual(['busy1', 'busy2', 'busy3']);
  });
});

/** A call for each of them, and what all of them wait for. */
function meetingOf(count: number): [() => void, Promise<void>] {
  const { promise, resolve } = Promise.withResolvers<void>();
  let left = count;
  const reached = () => {
    left -= 1;
    if (left === 0) resolve();
  };
  return [reached, promise];
}
