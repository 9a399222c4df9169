import { BatonClient } from '@baton/client';
import { shutdownTelemetry, startTelemetry, traceHeaders, withSpan } from '@baton/telemetry';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { batonHome, exportTracesTo } from './config.js';
import { closedWindows, deploy, MODEL, predict, push } from './journey.js';
import { hire } from './people.js';
import { demoPlatform } from './platform.js';
import { completeTrace, driftedFeatures, monthsTable } from './report.js';
import { servicesOf, traceTree } from './trace-tree.js';
import { train } from './training.js';
import { daysBetween, seattleDays, winterDays } from './weather.js';

const home = batonHome();
const started = performance.now();

function say(line: string): void {
  process.stdout.write(`${`${((performance.now() - started) / 1000).toFixed(1)} s`.padStart(8)}  ${line}\n`);
}

/** A step of the journey: a line, and a span below the demo's own. */
async function step<T>(title: string, work: () => Promise<T>): Promise<T> {
  say(title);
  return withSpan(title, {}, work);
}

async function journey(client: BatonClient) {
  const days = seattleDays();
  const people = await step('keys for five people', () => hire(client));
  const folder = join(home, 'demo');
  const metrics = await step('train on the winters before 2015', async () =>
    Promise.resolve(train(winterDays(days, '2015-01-01'), folder)),
  );
  say(`  accuracy ${metrics.accuracy.toFixed(3)} (always the commonest: ${metrics.baseline_accuracy.toFixed(3)})`);
  const version = await step('push and sign', () => push(people, folder, home));
  say(`  ${MODEL} version ${version.version}, digest ${version.digest.slice(0, 16)}…`);
  await step('approve, as a second person', () => people.approver.registry.approve(MODEL, version.version, 'demo'));
  const deployment = await step('deploy', () => deploy(people, version));
  const asked = daysBetween(days, '2015-01', '2015-09');
  const ids = await step(`predict ${asked.length} days, January to August 2015`, () =>
    predict(people, deployment.endpoint, asked, (done) => {
      if (done % 60 === 0) say(`  ${done} of ${asked.length}`);
    }),
  );
  const windows = await step('wait for the windows of eight months', () =>
    closedWindows(people, deployment.endpoint, ids.length),
  );
  const prediction = await step('look up one prediction', () =>
    people.auditor.monitoring.prediction(String(ids.at(-1))),
  );
  if (prediction.digest !== version.digest) throw new Error('the prediction was answered by other bytes');
  say(`  ${prediction.prediction} was answered by version ${prediction.version}, approved by ${prediction.approvedBy}`);
  return { version, deployment, ids, windows };
}

async function run(): Promise<void> {
  const platform = await demoPlatform(home, say);
  const interrupted = () => void platform.stop().finally(() => process.exit(130));
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  try {
    const { traces } = platform.connection;
    exportTracesTo(traces);
    await startTelemetry('demo');
    const { result, traceId } = await withSpan('demo: from push to drift', {}, async () => ({
      result: await journey(new BatonClient(platform.connection)),
      traceId: traceHeaders().traceparent?.split('-')[1] ?? '',
    }));
    await shutdownTelemetry();
    const drifted = driftedFeatures(result.windows);
    if (drifted.length === 0) throw new Error('no drift was seen between winter and summer');
    const spans = await completeTrace(traces, traceId);
    process.stdout.write(`\nTrace ${traceId}\n${traceTree(spans).join('\n')}\n\n${monthsTable(result.windows)}\n\n`);
    const summary = {
      model: MODEL,
      version: result.version.version,
      digest: result.version.digest,
      endpoint: result.deployment.endpoint,
      deployment: result.deployment.deployment,
      predictions: result.ids.length,
      driftedFeatures: drifted,
      traceId,
      traceServices: servicesOf(spans),
    };
    writeFileSync(join(home, 'demo.json'), `${JSON.stringify(summary, null, 2)}\n`);
    say(`drift of ${drifted.join(', ')}; written to ${join(home, 'demo.json')}`);
  } finally {
    await platform.stop();
  }
}

try {
  await run();
} catch (error) {
  process.stderr.write(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
process.exit();
