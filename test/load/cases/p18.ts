import type { BenchCase, Row } from '../bench-case.js';
import type { BenchContext } from '../bench-context.js';
import type { LoadResult, LoadSpec } from '../generators/load-spec.js';
import { refuseWrong } from '../measure/compare.js';
import { residentMb } from '../measure/proc.js';
import { runLoad } from '../measure/run-load.js';
import { digits, ratiosOf, ratioText, spreadOf } from '../measure/statistics.js';
import type { BenchModel } from '../models/bench-model.js';
import { perceptron } from '../models/made-models.js';
import type { BenchSpace } from '../servers/bench-platform.js';
import type { Server } from '../servers/server.js';

const COUNT = 500;
const SIZES = [32, 128, 128, 8];
/** Requests per second, over all models or to one of them. */
const RATE = 1000;
const CONNECTIONS = 64;
const LONGER = 5;
const MAX_MB = 1024;
const MAX_RATIO = 1.5;

interface Round {
  readonly alone: LoadResult;
  readonly all: LoadResult;
  readonly memoryMb: number;
}

/** P18: 500 models on one replica: ≤ 1 GB + weights, p99 of each ≤ 1.5× alone at the same total load. */
export const p18: BenchCase = { id: 'P18', title: `${COUNT} models on one replica`, run };

async function run(context: BenchContext): Promise<Row[]> {
  const models: BenchModel[] = [];
  for (let index = 0; index < COUNT; index += 1) models.push(await perceptron(`m${index}`, SIZES));
  const space = await context.space();
  for (const model of models) await space.deploy(model.name, model, 'write');
  const names = models.map(({ name }) => name);
  const replica = context.replica('Baton', space, names, await context.tracing(0.01));
  const asked = (server: Server) => loads(context, server, space, models);
  const heat = (server: Server) => runLoad(asked(server).all);
  const rounds = await context.rounds(replica, heat, (server) => oneRound(context, server, asked(server)));
  const weightsMb = models.reduce((sum, { bytes }) => sum + bytes.length, 0) / 1024 ** 2;
  const suspect = { name: `${COUNT} models`, on: replica, load: (server: Server) => asked(server).all };
  return rowsOf(rounds, weightsMb).map((row) => ({ ...row, suspect }));
}

type Loads = Record<'all' | 'alone', LoadSpec>;

/** Alone has as many kinds of questions as all have, so that what is the worst of them is found in as few answers. */
function loads(context: BenchContext, server: Server, space: BenchSpace, models: readonly BenchModel[]): Loads {
  const seconds = context.options.seconds * LONGER;
  const of = (model: BenchModel) =>
    context.load(server, model, {
      ...{ endpoint: model.name, authorization: space.predictor, connections: CONNECTIONS, rate: RATE, seconds },
    });
  const each = models.map(of);
  const [first] = each;
  if (!first) throw new Error('no models');
  const all = each.flatMap(({ questions: [question] }) => question ?? []);
  const one = models.map((_, index) => first.questions[index % first.questions.length] ?? { bytes: '' });
  return { all: { ...first, questions: all, isApart: true }, alone: { ...first, questions: one, isApart: true } };
}

async function oneRound(context: BenchContext, server: Server, ask: Loads): Promise<Round> {
  const alone = await runLoad(ask.alone);
  const all = await runLoad(ask.all);
  refuseWrong('one model', server, alone);
  refuseWrong(`${COUNT} models`, server, all);
  const memoryMb = residentMb(server.pids);
  context.say(`  p99 alone ${digits(alone.latency.p99)} ms, all ${digits(all.latency.p99)} ms; ${digits(memoryMb)} MB`);
  return { alone, all, memoryMb };
}

function rowsOf(rounds: readonly Round[], weightsMb: number): Row[] {
  const memory = spreadOf(rounds.map(({ memoryMb }) => memoryMb));
  const most = MAX_MB + weightsMb;
  const compared = (what: string, of: (result: LoadResult) => number): Row => {
    const [all, alone] = [rounds.map((round) => of(round.all)), rounds.map((round) => of(round.alone))];
    const ratio = ratiosOf(all, alone);
    return {
      id: 'P18',
      what: `${COUNT} models, ${RATE} req/s in all: ${what}`,
      baton: `${digits(spreadOf(all).median)} ms`,
      peer: `one model with all of the load: ${digits(spreadOf(alone).median)} ms`,
      ratio: ratioText(ratio),
      goal: `≤ ${MAX_RATIO}`,
      isReached: ratio.median <= MAX_RATIO,
    };
  };
  return [
    {
      id: 'P18',
      what: `${COUNT} models: memory of the replica`,
      baton: `${digits(memory.median)} MB`,
      peer: `weights ${digits(weightsMb)} MB`,
      ratio: `(${digits(memory.min)}–${digits(memory.max)} MB)`,
      goal: `≤ 1 GB + weights`,
      isReached: memory.median <= most,
    },
    compared('p99', ({ latency }) => latency.p99),
    compared('p99 of the slowest model', ({ apart = [] }) => Math.max(...apart)),
  ];
}
