import { freePorts, startKafka } from '@baton/backing';
import { ensureTopics } from '@baton/messaging';
import { mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Fuzzer, type FuzzSummary } from './fuzz.js';
import { loadFindings, saveFindings } from './fuzz-case.js';
import { fuzzEndpoints } from './fuzz-models.js';
import { FuzzReplica } from './fuzz-replica.js';
import { memorySlope } from './memory-slope.js';

/*
 * `npm run fuzz`: sends changed requests to a replica of its own for as long as one likes.
 * --cases N --seed N --first N   which ones; --replay FILE: those that were saved
 * --save FILE                    where findings are kept (fuzz-findings.json)
 * --replica FILE                 another build's apps/inference/dist/main.js
 */

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    first: { type: 'string', default: '0' },
    replay: { type: 'string' },
    save: { type: 'string', default: 'fuzz-findings.json' },
    replica: { type: 'string' },
  },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const folder = mkdtempSync(join(tmpdir(), 'baton-fuzz-kafka-'));
const [port = 0, controllerPort = 0] = await freePorts(2);
const { BATON_CACHE, JAVA_HOME, MAVEN_REPOSITORY } = process.env;
const kafka = await startKafka({
  ...{ port, controllerPort, heapMb: 400, javaHome: JAVA_HOME, repository: MAVEN_REPOSITORY },
  dataDir: join(folder, 'kafka'),
  jarsDir: join(BATON_CACHE ?? join(homedir(), '.cache', 'baton'), 'kafka'),
});
try {
  process.exitCode = await run([kafka.brokers]);
} finally {
  await kafka.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function run(brokers: string[]): Promise<number> {
  const topics = { brokers, prefix: 'fuzz.' };
  await ensureTopics(brokers, topics.prefix);
  const endpoints = fuzzEndpoints();
  const replica = await FuzzReplica.start(topics, endpoints, values.replica);
  try {
    const { save, replay } = values;
    const fuzzer = new Fuzzer(replica, endpoints, {
      ...{
        seed: Number(values.seed),
        cases: replay === undefined ? Number(values.cases) : 0,
        first: Number(values.first),
      },
      ...{ say, onFinding: (findings) => saveFindings(save, findings) },
    });
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => fuzzer.stop());
    if (replay !== undefined) await fuzzer.replay(loadFindings(replay).map((finding) => finding.case));
    const summary = await fuzzer.run();
    say(textOf(summary));
    return summary.findings.length === 0 ? 0 : 1;
  } finally {
    await replica.stop();
  }
}

function textOf(summary: FuzzSummary): string {
  const { cases, seconds, outcomes, counts, residentMb, unexplainedStallsMs, slowestHeartbeatMs } = summary;
  const counted = Object.entries(outcomes).toSorted(([, a], [, b]) => b - a);
  return [
    `${cases} cases in ${Math.round(seconds)} s, ${Math.round(cases / seconds)}/s`,
    `answers: ${counted.map(([kind, count]) => `${kind}: ${count}`).join(', ')}`,
    `memory: ${residentMb.at(0)?.toFixed(0)} → ${residentMb.at(-1)?.toFixed(0)} MiB, at most ${Math.max(...residentMb).toFixed(0)}; ${memorySlope(residentMb).toFixed(2)} MiB per 1000 cases in the second half`,
    `slowest heartbeat: ${slowestHeartbeatMs.toFixed(0)} ms; late loops that no case explains: ${unexplainedStallsMs.join(', ') || 'none'} (ms)`,
    ...Object.entries(counts).map(([kind, count]) => `found ${count} times: ${kind}`),
    `${Object.keys(counts).length} kinds of findings`,
  ].join('\n');
}
