import type { BenchCase, Row } from '../bench-case.js';
import { deployAs, noRecord, type BenchContext, type Recording } from '../bench-context.js';
import type { Trial } from '../measure/compare.js';
import { trainedModel } from '../models/bench-model.js';
import { middleMs, ratioRow } from '../ratio-row.js';

/** P10: the record at `write` ≥ 85 % of none, at `sync` ≥ 60 % at 32 connections and ≥ 70 % at 128. */
export const p10: BenchCase = { id: 'P10', title: 'what the prediction record costs', run };

async function run(context: BenchContext): Promise<Row[]> {
  const model = trainedModel('breast_cancer');
  const space = await context.space();
  const endpoints = await deployAs(space, model);
  const tracing = await context.tracing(0.01);
  const trialsOf = (mode: Recording) => {
    const on = context.replica(mode, space, [endpoints[mode]], { ...tracing, ...(mode === 'off' ? noRecord : {}) });
    const trial = (connections: number): Trial => {
      const asking = { endpoint: endpoints[mode], authorization: space.predictor, connections };
      return { name: `record ${mode}, ${connections}`, on, load: (server) => context.load(server, model, asking) };
    };
    return { one: trial(1), many: trial(32), most: trial(128) };
  };
  const [off, write, sync] = [trialsOf('off'), trialsOf('write'), trialsOf('sync')];
  const comparison = await context.compare([off, write, sync].flatMap((trials) => Object.values(trials)));
  const row = (what: string, ours: Trial, theirs: Trial, atLeast?: number) =>
    ratioRow({ id: 'P10', what: `record ${what}, ${model.name}`, comparison, ours, theirs, atLeast });
  const slower = (what: string, ours: Trial) =>
    ratioRow({ id: 'P10', what: `record ${what}, 1 connection`, comparison, ours, theirs: off.one, by: middleMs });
  return [
    row('`write`, 32 connections', write.many, off.many, 0.85),
    row('`sync`, 32 connections', sync.many, off.many, 0.6),
    row('`write`, 128 connections', write.most, off.most),
    row('`sync`, 128 connections', sync.most, off.most, 0.7),
    slower('`write`', write.one),
    slower('`sync`', sync.one),
  ];
}
