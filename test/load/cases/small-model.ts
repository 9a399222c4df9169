import type { Row } from '../bench-case.js';
import { deployAs, noAccessCheck, noRecord, recordings, type BenchContext, type Recording } from '../bench-context.js';
import type { Comparison, Trial } from '../measure/compare.js';
import { trainedModel, type BenchModel } from '../models/bench-model.js';
import { perceptron } from '../models/made-models.js';
import { ratioRow } from '../ratio-row.js';
import type { BenchSpace } from '../servers/bench-platform.js';
import { MlServerPeer, PythonPeer } from '../servers/peers.js';

const CONNECTIONS = 32;
type PeerName = 'FastAPI' | 'ASGI' | 'MLServer';

const described: Record<Recording, string> = {
  off: 'access, tracing and record off',
  write: 'everything on, record `write`',
  sync: 'everything on, record `sync`',
};

interface Measured {
  readonly model: BenchModel;
  readonly baton: Record<Recording, Trial>;
  readonly peers: Record<PeerName, Trial>;
}

interface SmallModels {
  readonly comparison: Comparison;
  readonly measured: readonly Measured[];
}

/** Baton in each way against one peer, for two small models. P1 and P2 look at the same measurements. */
export async function rowsAgainst(
  context: BenchContext,
  id: string,
  peer: PeerName,
  goals: Partial<Record<Recording, number>> = {},
): Promise<Row[]> {
  const { comparison, measured } = await context.once('small models', () => measure(context));
  return measured.flatMap(({ model, baton, peers }) =>
    recordings.map((mode) => {
      const what = `V2 REST JSON, ${model.name}, ${described[mode]}; ${CONNECTIONS} connections`;
      return ratioRow({ id, what, comparison, ours: baton[mode], theirs: peers[peer], atLeast: goals[mode] });
    }),
  );
}

async function measure(context: BenchContext): Promise<SmallModels> {
  const models = [trainedModel('breast_cancer'), await perceptron('mlp-32-128-128-8', [32, 128, 128, 8])];
  const space = await context.space();
  const endpoints = new Map<BenchModel, Record<Recording, string>>();
  for (const model of models) endpoints.set(model, await deployAs(space, model));
  const replicas = await replicasOf(context, space, [...endpoints.values()].flatMap(Object.values<string>));
  const peers = {
    FastAPI: new PythonPeer('FastAPI', 'fastapi_peer', models),
    ASGI: new PythonPeer('ASGI', 'asgi_peer', models),
    MLServer: new MlServerPeer(models),
  };
  const measured = models.map((model): Measured => {
    const ofPeer = (peer: PeerName): Trial => ({
      name: `${peer}, ${model.name}`,
      on: peers[peer],
      load: (server) => context.load(server, model, { endpoint: model.name, connections: CONNECTIONS }),
    });
    const ofBaton = (mode: Recording): Trial => {
      const asking = {
        endpoint: endpoints.get(model)?.[mode] ?? '',
        authorization: space.predictor,
        connections: CONNECTIONS,
      };
      const load: Trial['load'] = (server) => context.load(server, model, asking);
      return { name: `Baton ${mode}, ${model.name}`, on: replicas[mode], load };
    };
    return {
      model,
      baton: { off: ofBaton('off'), write: ofBaton('write'), sync: ofBaton('sync') },
      peers: { FastAPI: ofPeer('FastAPI'), ASGI: ofPeer('ASGI'), MLServer: ofPeer('MLServer') },
    };
  });
  const trials = measured.flatMap(({ baton, peers: others }) => [...Object.values(others), ...Object.values(baton)]);
  return { comparison: await context.compare(trials), measured };
}

async function replicasOf(context: BenchContext, space: BenchSpace, endpoints: readonly string[]) {
  const on = await context.tracing(0.01);
  return {
    off: context.replica('Baton off', space, endpoints, { ...noAccessCheck, ...noRecord }),
    write: context.replica('Baton write', space, endpoints, on),
    sync: context.replica('Baton sync', space, endpoints, on),
  };
}
