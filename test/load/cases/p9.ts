import type { BenchCase, Row } from '../bench-case.js';
import { deployAs, type BenchContext } from '../bench-context.js';
import type { Trial } from '../measure/compare.js';
import { trainedModel } from '../models/bench-model.js';
import { perCpuSecond, ratioRow } from '../ratio-row.js';

/** P9: by processor time, tracing of 1 % of the requests ≥ 95 % of none, of all of them ≥ 85 %. */
export const p9: BenchCase = { id: 'P9', title: 'what tracing costs', run };

async function run(context: BenchContext): Promise<Row[]> {
  const model = trainedModel('breast_cancer');
  const space = await context.space();
  const { write: endpoint } = await deployAs(space, model);
  const trial = (name: string, env: Record<string, string>): Trial => ({
    name,
    on: context.replica(name, space, [endpoint], env),
    load: (server) => context.load(server, model, { endpoint, authorization: space.predictor, connections: 32 }),
  });
  const none = trial('no tracing', {});
  const few = trial('1 % traced', await context.tracing(0.01));
  const all = trial('all traced', await context.tracing(1));
  const comparison = await context.compare([none, few, all]);
  const row = (ours: Trial, atLeast: number) => {
    const what = `${ours.name} against none, ${model.name}, everything else on; 32 connections`;
    return ratioRow({ id: 'P9', what, comparison, ours, theirs: none, by: perCpuSecond, atLeast });
  };
  return [row(few, 0.95), row(all, 0.85)];
}
