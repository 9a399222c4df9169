import { crashPoints } from '@baton/messaging';
import { testDatabase, testKafka, waitFor, type TestDatabase, type TestKafka } from '@baton/testing';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { describe, it, type TestContext } from 'vitest';
import { LEDGER_SCHEMA, ledgerTables } from '../integration/messaging/ledger.js';
import { compiledProgram } from '../support/compiled-program.js';
import { applied, committed, isThrough } from './effects.js';

const CHANGES = 40;
const program = compiledProgram('chaos/crash-main.js');

interface Ground {
  database: TestDatabase;
  kafka: TestKafka;
  inbox: boolean;
}

/** A real process that publishes and consumes; it ends with the test. */
function start({ database, kafka, inbox }: Ground, context: TestContext, crashAt?: string): ChildProcess {
  const tuning = { sessionTimeoutMs: 2000, heartbeatMs: 300, maxBatch: 10 };
  const options = { ...kafka, databaseUrl: database.url, inbox, crashAt, changes: CHANGES, tuning };
  // Without the test runner's own flags, which would have it look for sources.
  const child = fork(program, [JSON.stringify(options)], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  context.onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });
  return child;
}

/** Lets the process die at the point, starts it again without, and waits until nothing is on its way any more. */
async function crashAndRecover(point: string, inbox: boolean, context: TestContext): Promise<TestDatabase> {
  const [database, kafka] = await Promise.all([testDatabase(LEDGER_SCHEMA), testKafka()]);
  context.onTestFinished(() => database.drop());
  await database.query(ledgerTables);
  const ground = { database, kafka, inbox };
  const [, signal] = (await once(start(ground, context, point), 'exit')) as [number | null, string | null];
  context.expect(signal).toBe('SIGKILL');
  start(ground, context);
  await waitFor(() => isThrough(database, CHANGES), { timeoutMs: 45_000, what: `the last effect after ${point}` });
  return database;
}

describe('a process that is killed', { timeout: 120_000 }, () => {
  // The second time a point is passed there is something before it and something behind it.
  it.concurrent.for(crashPoints)(
    'at %s loses nothing, invents nothing and does nothing twice',
    async (point, context) => {
      const database = await crashAndRecover(`${point}:2`, true, context);
      const expected = await committed(database);

      context.expect(Object.values(expected).flat()).toHaveLength(CHANGES);
      context.expect(await applied(database)).toEqual(expected);
    },
  );

  it.concurrent.for(['relay.before-delete', 'consume.before-offset'])(
    'at %s with the inbox off does something twice, which is what the inbox is for',
    async (point, context) => {
      const database = await crashAndRecover(`${point}:2`, false, context);
      const effects = await waitFor(
        async () => {
          const all = Object.values(await applied(database)).flat();
          return all.length > CHANGES ? all : undefined;
        },
        { timeoutMs: 20_000, what: 'a double effect' },
      );

      context.expect(effects.length).toBeGreaterThan(CHANGES);
    },
  );
});
