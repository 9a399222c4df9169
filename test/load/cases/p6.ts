import type { BenchCase, Row } from '../bench-case.js';
import { deployAs, noAccessCheck, noRecord, recordings, type BenchContext } from '../bench-context.js';
import type { Trial } from '../measure/compare.js';
import { trainedModel } from '../models/bench-model.js';
import { ratioRow } from '../ratio-row.js';
import { PythonPeer } from '../servers/peers.js';

const SHAPE = { connections: 4, streams: 8 };
const GOAL = 7;

/** P6: gRPC ModelInfer ≥ 7× the same model behind Python's grpc.aio. */
export const p6: BenchCase = { id: 'P6', title: 'gRPC against Python grpc.aio', run };

async function run(context: BenchContext): Promise<Row[]> {
  const model = trainedModel('breast_cancer');
  const space = await context.space();
  const endpoints = await deployAs(space, model);
  const tracing = await context.tracing(0.01);
  const ours = recordings.map((mode): Trial => {
    const env = mode === 'off' ? { ...noAccessCheck, ...noRecord } : tracing;
    const asking = { endpoint: endpoints[mode], authorization: space.predictor, ...SHAPE };
    return {
      name: `Baton ${mode}, gRPC`,
      on: context.replica(`Baton ${mode}`, space, [endpoints[mode]], env),
      load: (server) => context.load(server, model, asking),
    };
  });
  const theirs: Trial = {
    name: 'grpc.aio',
    on: new PythonPeer('grpc.aio', 'grpc_peer', [model]),
    load: (server) => context.load(server, model, { endpoint: model.name, ...SHAPE }),
  };
  const comparison = await context.compare([theirs, ...ours]);
  const shape = `${SHAPE.connections} connections of ${SHAPE.streams} calls`;
  return ours.map((one, index) => {
    const on = recordings[index] === 'off' ? 'everything off' : `everything on, record \`${recordings[index]}\``;
    // With a commit to the disk in each answer there is no goal.
    const atLeast = recordings[index] === 'sync' ? undefined : GOAL;
    const what = `ModelInfer with raw tensors, ${model.name}, ${on}; ${shape}`;
    return ratioRow({ id: 'P6', what, comparison, ours: one, theirs, atLeast });
  });
}
