import { setTimeout as pause } from 'node:timers/promises';
import type { BenchCase, Row } from '../bench-case.js';
import { deployAs, type BenchContext } from '../bench-context.js';
import type { LoadResult } from '../generators/load-spec.js';
import { line, refuseWrong, WrongAnswersError, type Trial } from '../measure/compare.js';
import { runLoad } from '../measure/run-load.js';
import { digits, ratiosOf, ratioText, spreadOf } from '../measure/statistics.js';
import { convolutions } from '../models/made-models.js';
import type { Server } from '../servers/server.js';

const OVERLOAD = 3;
/** As long as a caller waits. */
const DEADLINE_MS = 1000;
const PEAK_CONNECTIONS = 32;
/** An open loop is one only while it has a connection for every request: as many as may wait at once, and some more. */
const SPARE = 1.2;
const MOST_CONNECTIONS = 8000;
const LONGER = 2;
/** Thousands of connections take their time to come. */
const WARMUP_SECONDS = 2;
const SETTLE_MS = 1000;
/** One that runs on the loop, and one that is too long for it. */
const sizes = [
  { name: 'half', milliseconds: 0.5 },
  { name: 'five', milliseconds: 5 },
];

type MakeLoad = (more: { connections: number; rate?: number; seconds?: number }) => Promise<LoadResult>;

interface Round {
  readonly peak: LoadResult;
  readonly over: LoadResult;
}

/** P14: open loop at 3× capacity: goodput ≥ 90 % of the peak, refusals in ≤ 5 ms with Retry-After. */
export const p14: BenchCase = { id: 'P14', title: 'three times what the server can do', run };

async function run(context: BenchContext): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { name, milliseconds } of sizes) {
    const model = await convolutions(name, milliseconds);
    const space = await context.space();
    const { write: endpoint } = await deployAs(space, model);
    const env = { ...(await context.tracing(0.01)), REQUEST_TIMEOUT_MS: String(DEADLINE_MS) };
    const replica = context.replica('Baton', space, [endpoint], env);
    const asking = { endpoint, authorization: space.predictor, deadlineMs: DEADLINE_MS };
    const load =
      (server: Server): MakeLoad =>
      (more) =>
        runLoad({ ...context.load(server, model, { ...asking, ...more }), warmupSeconds: WARMUP_SECONDS });
    const heat = (server: Server) => load(server)({ connections: PEAK_CONNECTIONS });
    const rounds = await context.rounds(replica, heat, (server) => oneRound(context, server, load(server)));
    const what = `a model of ${milliseconds} ms`;
    const rate = (rounds[0]?.peak.perSecond ?? 0) * OVERLOAD;
    const over: Trial['load'] = (server) =>
      context.load(server, model, { ...asking, rate, connections: waitingAt(rate) });
    const suspect = { name: `${what} at ${OVERLOAD}× its peak`, on: replica, load: over };
    rows.push(...rowsOf(what, rounds).map((row) => ({ ...row, suspect })));
  }
  return rows;
}

async function oneRound(context: BenchContext, server: Server, load: MakeLoad): Promise<Round> {
  const peak = await load({ connections: PEAK_CONNECTIONS });
  context.say(`  peak: ${line(peak)}`);
  refuseWrong('peak', server, peak);
  const rate = peak.perSecond * OVERLOAD;
  const over = await load({ connections: waitingAt(rate), rate, seconds: context.options.seconds * LONGER });
  const lost = `${over.failed} failed, ${over.overdue} overdue, ${over.late} waited for a connection`;
  const refused = `refused ${over.refused.count} in p99 ${digits(over.refused.p99)} ms`;
  context.say(`  ${digits(rate)} asked: ${line(over)}; ${refused}; ${lost}`);
  for (const problem of new Set(over.problems)) context.say(`    ${problem.slice(0, 200)}`);
  if (over.wrong > 0) throw new WrongAnswersError([...over.problems, server.said()].join('\n'));
  // What is still waiting in the server is none of the next round's business.
  await pause(DEADLINE_MS + SETTLE_MS);
  return { peak, over };
}

/** Connections for an open loop of this rate. */
function waitingAt(rate: number): number {
  return Math.min(MOST_CONNECTIONS, Math.ceil((rate * DEADLINE_MS * SPARE) / 1000));
}

function rowsOf(what: string, rounds: readonly Round[]): Row[] {
  const goodput = rounds.map(({ over }) => over.perSecond);
  const peak = rounds.map((round) => round.peak.perSecond);
  const ratio = ratiosOf(goodput, peak);
  const refusal = spreadOf(rounds.map(({ over }) => over.refused.p99));
  const other = rounds.reduce((sum, { over }) => sum + over.failed + over.overdue, 0);
  const refused = rounds.reduce((sum, { over }) => sum + over.refused.count, 0);
  return [
    {
      id: 'P14',
      what: `${what}, open loop at ${OVERLOAD}× its peak: answers within ${DEADLINE_MS} ms`,
      baton: `${digits(spreadOf(goodput).median)} req/s`,
      peer: `peak ${digits(spreadOf(peak).median)} req/s`,
      ratio: ratioText(ratio),
      goal: '≥ 0.9',
      isReached: ratio.median >= 0.9,
    },
    {
      id: 'P14',
      what: `the same: refusals with Retry-After, p99`,
      baton: `${digits(refusal.median)} ms`,
      peer: `${digits(refused)} refused, ${digits(other)} too late or without Retry-After`,
      ratio: `(${digits(refusal.min)}–${digits(refusal.max)} ms)`,
      goal: '≤ 5 ms',
      isReached: refusal.median <= 5 && refused > 0 && other === 0,
    },
  ];
}
