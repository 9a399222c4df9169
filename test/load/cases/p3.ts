import type { BenchCase, Row } from '../bench-case.js';
import { deployAs, type BenchContext } from '../bench-context.js';
import type { Trial } from '../measure/compare.js';
import { trainedModel } from '../models/bench-model.js';
import { middleMs, ratioRow } from '../ratio-row.js';

const MANY = 32;

/** P3: the micro-batch ≥ 2× without it at 32 connections over the whole path; p50 at one connection ≤ 1.1×. */
export const p3: BenchCase = { id: 'P3', title: 'the micro-batch against one run per request', run };

async function run(context: BenchContext): Promise<Row[]> {
  const model = trainedModel('breast_cancer');
  const space = await context.space();
  const { write: endpoint } = await deployAs(space, model);
  const tracing = await context.tracing(0.01);
  const batched = context.replica('batched', space, [endpoint], tracing);
  const alone = context.replica('alone', space, [endpoint], { ...tracing, MAX_BATCH_ROWS: '1' });
  const trial = (on: Trial['on'], connections: number): Trial => ({
    name: `${on.name}, ${connections}`,
    on,
    load: (server) => context.load(server, model, { endpoint, authorization: space.predictor, connections }),
  });
  const [many, manyAlone, one, oneAlone] = [
    trial(batched, MANY),
    trial(alone, MANY),
    trial(batched, 1),
    trial(alone, 1),
  ];
  const comparison = await context.compare([many, manyAlone, one, oneAlone]);
  const what = `micro-batch on against off, ${model.name}, everything on; `;
  return [
    ratioRow({
      ...{ id: 'P3', comparison, what: `${what}${MANY} connections` },
      ...{ ours: many, theirs: manyAlone, atLeast: 2 },
    }),
    ratioRow({
      ...{ id: 'P3', comparison, what: `${what}1 connection` },
      ...{ ours: one, theirs: oneAlone, by: middleMs, atMost: 1.1 },
    }),
  ];
}
