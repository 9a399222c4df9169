import { setLogLevel } from '@baton/telemetry';
import { mkdirSync, writeFileSync } from 'node:fs';
import type { BenchCase, Row } from './bench-case.js';
import { BenchContext } from './bench-context.js';
import { help, readOptions, type BenchOptions } from './bench-options.js';
import { cases } from './cases/cases.js';
import type { Trial } from './measure/compare.js';
import { machineFacts } from './measure/machine.js';
import { profileTable, profiled, type SelfTime } from './measure/profile.js';
import { runLoad } from './measure/run-load.js';
import { repositoryPath } from './repository.js';
import { killAll, LOAD_CORE, pinMyself } from './servers/pinned.js';
import { tableOf } from './table.js';

interface Profile {
  readonly of: string;
  readonly functions: readonly SelfTime[];
}

/** Runs the cases and publishes what came of them. Gives the exit code: 1 when something did not run or was wrong. */
export async function benchInference(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) return say(help) ?? 0;
  const options = readOptions(args);
  const chosen = cases.filter(({ id }) => options.only.length === 0 || options.only.includes(id.toLowerCase()));
  if (chosen.length === 0) return say(`there is no such case; there are ${cases.map(({ id }) => id).join(', ')}`) ?? 1;
  pinMyself(LOAD_CORE);
  setLogLevel('error');
  const context = new BenchContext(options, say);
  stopOnSignal(context);
  const rows: Row[] = [];
  const profiles = new Map<Trial, Profile>();
  const broken: string[] = [];
  try {
    for (const one of chosen) {
      const done = await attempt(one, context, profiles);
      rows.push(...done.rows);
      if (done.problem !== undefined) broken.push(done.problem);
    }
  } finally {
    await context.stop();
  }
  publish(options, rows, [...profiles.values()], broken);
  return broken.length > 0 ? 1 : 0;
}

/** Servers, of which one stands still, are not left behind. */
function stopOnSignal(context: BenchContext): void {
  const stop = () => {
    killAll();
    void context.stop().finally(() => process.exit(130));
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
}

/** A case that breaks does not take the others with it. */
async function attempt(one: BenchCase, context: BenchContext, profiles: Map<Trial, Profile>) {
  say(`${one.id}: ${one.title}`);
  try {
    const rows = await one.run(context);
    const wanted = rows.filter(({ isReached }) => isReached === false || context.options.isProfiled);
    for (const suspect of new Set(wanted.flatMap((row) => row.suspect ?? []))) {
      if (!profiles.has(suspect)) profiles.set(suspect, await profileOf(one, suspect, context));
    }
    return { rows };
  } catch (error) {
    const problem = `${one.id} did not run: ${error instanceof Error ? error.message : String(error)}`;
    say(problem);
    return { rows: [], problem };
  }
}

async function profileOf({ id }: BenchCase, { name, on, load }: Trial, context: BenchContext): Promise<Profile> {
  say(`  profile of ${name}`);
  const { seconds, heatSeconds } = context.options;
  const functions = await profiled(seconds, async (profileTo) => {
    const server = await on.start({ profileTo });
    context.freeze();
    await runLoad({ ...load(server), warmupSeconds: heatSeconds });
    await server.stop();
    return server.pids[0] ?? 0;
  });
  return { of: `${id}, ${name}`, functions };
}

function publish(options: BenchOptions, rows: readonly Row[], profiles: readonly Profile[], broken: readonly string[]) {
  const machine = machineFacts();
  say(
    `\n${Object.entries(machine)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ')}\n`,
  );
  say(tableOf(rows));
  for (const { of, functions } of profiles) say(`\n${of}: where its time goes\n${profileTable(functions)}`);
  for (const problem of broken) say(`\n${problem}`);
  mkdirSync(repositoryPath('.bench'), { recursive: true });
  const plain = rows.map(({ suspect: _suspect, ...row }) => row);
  const file = repositoryPath('.bench/inference.json');
  writeFileSync(file, `${JSON.stringify({ machine, options, rows: plain, profiles, broken }, null, 2)}\n`);
}

function say(line: string): undefined {
  process.stdout.write(`${line}\n`);
}
