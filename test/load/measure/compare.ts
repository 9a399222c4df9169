import type { LoadResult, LoadSpec } from '../generators/load-spec.js';
import type { Contender, Server } from '../servers/server.js';
import { machineSeconds } from './proc.js';
import { ratiosOf, spreadOf, type Spread } from './statistics.js';

/** Shares of the machine's time: rounds in which its host, or somebody else on it, took more are not counted. */
const MAX_STEAL = 0.03;
const MAX_FOREIGN = 0.1;

/** One thing that is measured in every round. */
export interface Trial {
  readonly name: string;
  readonly on: Contender;
  readonly load: (server: Server) => LoadSpec;
}

export interface Method {
  readonly rounds: number;
  /** Times that every server is started anew; the rounds are spread over them. */
  readonly starts: number;
  readonly say: (line: string) => void;
  /** Load of each trial after a start, before the rounds: compilers do their work in it. */
  readonly heatSeconds: number;
  /** How often a round that was disturbed is tried again before it counts all the same. */
  readonly repeats: number;
  /** After the servers are up, before anything is measured. */
  readonly onStarted?: () => void;
  readonly runLoad: (spec: LoadSpec) => Promise<LoadResult>;
}

/** Thrown when answers were wrong or missing: then nothing else counts. */
export class WrongAnswersError extends Error {
  override readonly name = 'WrongAnswersError';
}

/** What all the rounds gave, by trial. */
export class Comparison {
  private readonly results = new Map<string, LoadResult[]>();

  add(trial: string, result: LoadResult): void {
    this.results.set(trial, [...this.of(trial), result]);
  }

  of(trial: string): readonly LoadResult[] {
    return this.results.get(trial) ?? [];
  }

  spread(trial: string, by: (result: LoadResult) => number): Spread {
    return spreadOf(this.of(trial).map(by));
  }

  /** One trial's values by another's, round by round. */
  ratio(trial: string, other: string, by: (result: LoadResult) => number): Spread {
    return ratiosOf(this.of(trial).map(by), this.of(other).map(by));
  }
}

/**
 * Measures all trials in turn, round after round, with another one first in each round.
 * @throws WrongAnswersError
 */
export async function compare(trials: readonly Trial[], method: Method): Promise<Comparison> {
  const comparison = new Comparison();
  const perStart = Math.ceil(method.rounds / method.starts);
  for (let start = 0; start < method.starts; start += 1) {
    const servers = await startAll(trials);
    method.onStarted?.();
    try {
      await heat(trials, servers, method);
      for (let round = 0; round < perStart; round += 1) {
        const results = await undisturbed(() => oneRound(rotated(trials, round + start), servers, method), method);
        for (const [trial, result] of results) comparison.add(trial, result);
      }
    } finally {
      await Promise.all([...servers.values()].map((server) => server.stop()));
    }
  }
  return comparison;
}

async function heat(trials: readonly Trial[], servers: ReadonlyMap<Contender, Server>, method: Method): Promise<void> {
  for (const { name, on, load } of trials) {
    const server = serverOf(on, servers);
    const result = await method.runLoad({ ...load(server), warmupSeconds: 0, seconds: method.heatSeconds });
    refuseWrong(name, server, result);
  }
}

/** A round again, when something disturbed it. */
async function undisturbed(round: () => Promise<Map<string, LoadResult>>, { say, repeats }: Method) {
  for (let repeat = 0; ; repeat += 1) {
    const results = await round();
    const isQuiet = [...results.values()].every(({ steal, foreign }) => steal <= MAX_STEAL && foreign <= MAX_FOREIGN);
    if (isQuiet || repeat === repeats) return results;
    say('  that round was disturbed: again');
  }
}

/** The same for a round that is made up of other things than trials: only what the host took can be told. */
export async function unstolen<R>(
  round: () => Promise<R>,
  { say, repeats }: Pick<Method, 'say' | 'repeats'>,
): Promise<R> {
  for (let repeat = 0; ; repeat += 1) {
    const before = machineSeconds();
    const result = await round();
    const after = machineSeconds();
    const steal = (after.steal - before.steal) / (after.total - before.total);
    if (steal <= MAX_STEAL || repeat === repeats) return result;
    say('  that round was disturbed: again');
  }
}

async function oneRound(trials: readonly Trial[], servers: ReadonlyMap<Contender, Server>, method: Method) {
  const results = new Map<string, LoadResult>();
  for (const { name, on, load } of trials) {
    const server = serverOf(on, servers);
    const result = await method.runLoad(load(server));
    method.say(`  ${name}: ${line(result)}`);
    refuseWrong(name, server, result);
    results.set(name, result);
  }
  return results;
}

function serverOf(contender: Contender, servers: ReadonlyMap<Contender, Server>): Server {
  const server = servers.get(contender);
  if (!server) throw new Error(`${contender.name} is not running`);
  return server;
}

/** @throws WrongAnswersError */
export function refuseWrong(name: string, server: Server, result: LoadResult): void {
  const { failed, wrong, answered, checked, problems } = result;
  if (failed === 0 && wrong === 0 && answered > 0 && checked > 0) return;
  const counts = `${answered} answered, ${failed} failed, ${wrong} of ${checked} wrong`;
  throw new WrongAnswersError([`${name}: ${counts}`, ...problems, server.said()].join('\n'));
}

export function line(result: LoadResult): string {
  const { latency, loadBusy, steal, foreign } = result;
  const percent = (share: number) => `${(share * 100).toFixed(0)} %`;
  const cpu = ((result.serverCpu / result.answered) * 1e6).toFixed(1);
  const times = `p50 ${latency.p50.toFixed(2)} ms, p99 ${latency.p99.toFixed(2)} ms`;
  const disturbed = `${steal > 0.01 ? `, stolen ${percent(steal)}` : ''}${foreign > 0.03 ? `, others ${percent(foreign)}` : ''}`;
  return `${result.perSecond.toFixed(0)} req/s, ${cpu} µs CPU each, ${times}, load ${percent(loadBusy)}${disturbed}`;
}

async function startAll(trials: readonly Trial[]): Promise<Map<Contender, Server>> {
  const servers = new Map<Contender, Server>();
  try {
    for (const { on } of trials) if (!servers.has(on)) servers.set(on, await on.start());
    return servers;
  } catch (error) {
    await Promise.all([...servers.values()].map((server) => server.stop()));
    throw error;
  }
}

function rotated<T>(items: readonly T[], by: number): T[] {
  const at = by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}
