import type { BenchCase, Row } from '../bench-case.js';
import { deployAs, type BenchContext } from '../bench-context.js';
import type { LoadResult, LoadSpec } from '../generators/load-spec.js';
import { refuseWrong } from '../measure/compare.js';
import { runLoad } from '../measure/run-load.js';
import { digits, ratiosOf, ratioText, spreadOf, type Spread } from '../measure/statistics.js';
import { trainedModel, type BenchModel } from '../models/bench-model.js';
import { convolutions } from '../models/made-models.js';
import { getQuestion } from '../models/questions.js';
import { LoopDelay } from '../servers/loop-delay.js';
import type { Server } from '../servers/server.js';

const SLOW_MS = 50;
/** Enough at a time that the slow model never waits for work. */
const SLOW_CONNECTIONS = 4;
/** Requests per second that feel how the server is. */
const PROBE_RATE = 200;
const LONGER = 2;

interface Round {
  readonly alone: LoadResult;
  readonly beside: LoadResult;
  readonly live: LoadResult;
  readonly slow: LoadResult;
  readonly loopDelay: number;
}

/** P7: a 50 ms model saturated: loop delay p99 ≤ 5 ms, /live p99 ≤ 10 ms, a small model beside it p99 ≤ 1.5× alone. */
export const p7: BenchCase = { id: 'P7', title: 'a slow model and what is beside it', run };

async function run(context: BenchContext): Promise<Row[]> {
  const [slow, small] = [await convolutions('slow', SLOW_MS), trainedModel('breast_cancer')];
  const space = await context.space();
  const endpoints = [(await deployAs(space, slow)).write, (await deployAs(space, small)).write];
  const meter = new LoopDelay(space.folder);
  const env = { ...(await context.tracing(0.01)), ...meter.environment };
  const replica = context.replica('Baton', space, endpoints, env);
  const models = { slow, small };
  const asked = (server: Server) => loads(context, server, space.predictor, models);
  const heat = (server: Server) => Promise.all([runLoad(asked(server).slow), runLoad(asked(server).small)]);
  const rounds = await context.rounds(replica, heat, (server) => oneRound(context, server, asked(server), meter));
  return rowsOf(rounds).map((row) => ({
    ...row,
    suspect: { name: 'a slow model', on: replica, load: (server: Server) => asked(server).slow },
  }));
}

type Loads = Record<'slow' | 'small' | 'live', LoadSpec>;

function loads(
  context: BenchContext,
  server: Server,
  authorization: string,
  { slow, small }: Record<'slow' | 'small', BenchModel>,
): Loads {
  const seconds = context.options.seconds * LONGER;
  const of = (model: BenchModel, rate?: number): LoadSpec => {
    const asking = { endpoint: `${model.name}-write`, authorization, seconds, connections: SLOW_CONNECTIONS };
    return context.load(server, model, rate === undefined ? asking : { ...asking, rate });
  };
  const probe = of(small, PROBE_RATE);
  return { slow: of(slow), small: probe, live: { ...probe, questions: [getQuestion('/v2/health/live')] } };
}

async function oneRound(context: BenchContext, server: Server, ask: Loads, meter: LoopDelay): Promise<Round> {
  const alone = await runLoad(ask.small);
  const saturating = runLoad({ ...ask.slow, warmupSeconds: 1, seconds: ask.slow.seconds + 1 });
  await new Promise((done) => setTimeout(done, 1000));
  await meter.p99(server);
  const [beside, live] = await Promise.all([runLoad(ask.small), runLoad(ask.live)]);
  const loopDelay = await meter.p99(server);
  const slow = await saturating;
  for (const [name, result] of Object.entries({ alone, beside, live, slow })) refuseWrong(name, server, result);
  const times = `p99 alone ${digits(alone.latency.p99)} ms, beside ${digits(beside.latency.p99)} ms`;
  context.say(`  ${times}, /live ${digits(live.latency.p99)} ms, loop ${digits(loopDelay)} ms`);
  return { alone, beside, live, slow, loopDelay };
}

function rowsOf(rounds: readonly Round[]): Row[] {
  const p99 = (of: (round: Round) => LoadResult) => rounds.map((round) => of(round).latency.p99);
  const [alone, beside] = [p99((round) => round.alone), p99((round) => round.beside)];
  const slow = spreadOf(rounds.map((round) => round.slow.perSecond));
  const load = `${digits(1000 / SLOW_MS)} req/s expected, ${digits(slow.median)} answered`;
  const limit = (what: string, { median, min, max }: Spread, most: number): Row => ({
    ...{ id: 'P7', what, baton: `${digits(median)} ms`, peer: load },
    ratio: `(${digits(min)}–${digits(max)} ms)`,
    goal: `≤ ${most} ms`,
    isReached: median <= most,
  });
  const ratio = ratiosOf(beside, alone);
  return [
    limit(`${SLOW_MS} ms model saturated: loop delay p99`, spreadOf(rounds.map(({ loopDelay }) => loopDelay)), 5),
    limit('beside it: `/v2/health/live` p99', spreadOf(p99((round) => round.live)), 10),
    {
      id: 'P7',
      what: `beside it: a small model at ${PROBE_RATE} req/s, p99`,
      baton: `${digits(spreadOf(beside).median)} ms`,
      peer: `alone: ${digits(spreadOf(alone).median)} ms`,
      ratio: ratioText(ratio),
      goal: '≤ 1.5',
      isReached: ratio.median <= 1.5,
    },
  ];
}
