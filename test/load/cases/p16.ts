import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { BenchCase, Row } from '../bench-case.js';
import { deployAs, type BenchContext } from '../bench-context.js';
import type { LoadSpec } from '../generators/load-spec.js';
import { refuseWrong, type Trial } from '../measure/compare.js';
import { runLoad } from '../measure/run-load.js';
import { digits, ratiosOf, ratioText, spreadOf } from '../measure/statistics.js';
import { perceptron } from '../models/made-models.js';
import { SERVER_CORE } from '../servers/pinned.js';
import type { Server } from '../servers/server.js';

const bareLoad = fileURLToPath(new URL('../measure/bare-load-main.js', import.meta.url));
/** 5 MB of weights. */
const SIZES = [224, 1024, 1024, 8];
const MAX_RATIO = 2;
const SWAP_EVERY_MS = 1000;

/** P16: a cold load of 5 MB with verify, scan and warm-up ≤ 2× a bare load; a hot swap under load: none failed. */
export const p16: BenchCase = {
  id: 'P16',
  title: 'loading a model, and swapping one',
  run: async (context) => [await coldLoad(context), await hotSwap(context)],
};

/** Two models and memory for one: each request brings its own back from the disk, and makes the other go. */
async function coldLoad(context: BenchContext): Promise<Row> {
  const models = [await perceptron('cold-a', SIZES), await perceptron('cold-b', SIZES)] as const;
  const space = await context.space();
  const endpoints: string[] = [];
  for (const model of models) endpoints.push((await deployAs(space, model)).write);
  const replica = context.replica('Baton', space, endpoints, { MODEL_MEMORY_MB: '1' });
  const load: Trial['load'] = (server) => {
    const each = models.map((model) => {
      const asking = { endpoint: `${model.name}-write`, authorization: space.predictor, connections: 1 };
      return context.load(server, model, asking);
    });
    const [first, second] = each as [LoadSpec, LoadSpec];
    return {
      ...first,
      questions: first.questions.flatMap((question, at) => [question, second.questions[at] ?? question]),
    };
  };
  const file = join(space.folder, 'cold.onnx');
  writeFileSync(file, models[0]?.bytes ?? '');
  const heat = (server: Server) => runLoad(load(server));
  const rounds = await context.rounds(replica, heat, async (server) => {
    const before = await loadsOf(server.port);
    const result = await runLoad(load(server));
    refuseWrong('cold loads', server, result);
    const loaded = (await loadsOf(server.port)) - before;
    if (loaded < result.answered) throw new Error(`${result.answered} answers, but ${loaded} loads: not cold`);
    const times = { cold: result.latency.p50, bare: await bareLoadMs(file) };
    context.say(`  cold ${digits(times.cold)} ms, bare ${digits(times.bare)} ms`);
    return times;
  });
  const [cold, bare] = [rounds.map((times) => times.cold), rounds.map((times) => times.bare)];
  const ratio = ratiosOf(cold, bare);
  const suspect = { name: 'cold loads', on: replica, load };
  return {
    id: 'P16',
    suspect,
    what: 'request that brings a 5 MB model back from disk, verified and warm; p50',
    baton: `${digits(spreadOf(cold).median)} ms`,
    peer: `bare load: ${digits(spreadOf(bare).median)} ms`,
    ratio: ratioText(ratio),
    goal: `≤ ${MAX_RATIO}`,
    isReached: ratio.median <= MAX_RATIO,
  };
}

/** Loads so far, by the replica's own count. */
async function loadsOf(port: number): Promise<number> {
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return Number(/^model_load_duration_seconds_count(?:\{[^}]*\})? (\d+)/m.exec(metrics)?.[1] ?? 0);
}

async function bareLoadMs(file: string): Promise<number> {
  const args = ['-c', String(SERVER_CORE), process.execPath, bareLoad, file];
  const { stdout } = await promisify(execFile)('taskset', args);
  return spreadOf(JSON.parse(stdout) as number[]).median;
}

/** Two versions with the same weights take turns while callers never stop. Kafka brings the plans, so it runs. */
async function hotSwap(context: BenchContext): Promise<Row> {
  const versions = [await perceptron('swap', SIZES, 'one'), await perceptron('swap', SIZES, 'two')];
  const [first] = versions;
  if (!first) throw new Error('no version to swap');
  const space = await context.space();
  await space.deploy('swap', first, 'write', 1);
  const replica = context.replica('Baton', space, ['swap'], await context.tracing(0.01));
  return context.serving(replica, async (server) => {
    const seconds = context.options.seconds * 4;
    const asking = { endpoint: 'swap', authorization: space.predictor, connections: 32, seconds };
    const loading = runLoad(context.load(server, first, asking));
    const swaps = Math.floor((seconds * 1000) / SWAP_EVERY_MS);
    for (let swap = 0; swap < swaps; swap += 1) {
      await pause(SWAP_EVERY_MS);
      await space.deploy('swap', versions[(swap + 1) % 2] ?? first, 'write', swap + 2);
    }
    const result = await loading;
    const last = await servedVersion(server.port, space.predictor, swaps + 1);
    refuseWrong('hot swap', server, { ...result, failed: 0 });
    const { failed, answered, problems } = result;
    if (failed > 0) context.say(`  ${problems.join('\n  ')}`);
    return {
      id: 'P16',
      what: `${swaps} hot swaps of a 5 MB model under load; 32 connections`,
      baton: `${digits(failed)} failed of ${digits(answered + failed)}`,
      peer: `version ${last} served at the end`,
      ratio: '',
      goal: '0 failed',
      isReached: failed === 0,
    };
  });
}

/** Waits for the version to be served. */
async function servedVersion(port: number, authorization: string, version: number): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const response = await fetch(`http://127.0.0.1:${port}/v2/models/swap`, { headers: { authorization } });
    const { versions = [] } = (await response.json()) as { versions?: string[] };
    if (versions.includes(String(version))) return version;
    await pause(100);
  }
  throw new Error(`version ${version} was never served`);
}
