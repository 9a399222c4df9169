import type { BenchCase, Row } from '../bench-case.js';
import { deployAs, noAccessCheck, type BenchContext } from '../bench-context.js';
import type { Trial } from '../measure/compare.js';
import { trainedModel } from '../models/bench-model.js';
import { ratioRow } from '../ratio-row.js';

/** P8: with the access check ≥ 95 % of without. */
export const p8: BenchCase = { id: 'P8', title: 'what the access check costs', run };

async function run(context: BenchContext): Promise<Row[]> {
  const model = trainedModel('breast_cancer');
  const space = await context.space();
  const { write: endpoint } = await deployAs(space, model);
  const tracing = await context.tracing(0.01);
  const trial = (name: string, env: Record<string, string>): Trial => ({
    name,
    on: context.replica(name, space, [endpoint], { ...tracing, ...env }),
    load: (server) => context.load(server, model, { endpoint, authorization: space.predictor, connections: 32 }),
  });
  const [ours, theirs] = [trial('access checked', {}), trial('access not checked', noAccessCheck)];
  const comparison = await context.compare([ours, theirs]);
  const what = `access check on against off, ${model.name}, everything else on; 32 connections`;
  return [ratioRow({ id: 'P8', what, comparison, ours, theirs, atLeast: 0.95 })];
}
