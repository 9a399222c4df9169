import { ApiError, ServiceClient } from '@baton/client';
import type { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { positive } from '../arguments.js';
import { cliConnection } from '../config.js';
import { note, print, table } from '../output.js';
import { readLoggedPredictions, readSpool } from '../recorded-predictions.js';
import { isComplete, SequenceAudit, type PredictionRecord, type ReplicaAudit } from '../sequence-audit.js';

interface AuditOptions {
  readonly spool?: string[];
  readonly kafka: boolean;
  readonly monitoring: boolean;
  readonly oldest?: boolean;
  readonly answered?: string;
  readonly settle: number;
  readonly json?: boolean;
}

/** How much of a replica's records the monitoring service has, by its own account. */
interface ConsumedLog {
  readonly received: number;
  readonly highest: number;
  readonly missing: number;
}

interface AuditReport {
  readonly complete: boolean;
  readonly replicas: readonly (ReplicaAudit & { readonly waiting: number; readonly consumed?: ConsumedLog })[];
  /** Predictions that somebody was given an answer for, and that are on no record. */
  readonly unrecorded?: readonly string[];
  readonly problems: readonly string[];
}

/** `baton audit predictions`. */
export function addAudit(program: Command): void {
  program
    .command('audit')
    .description('prove what is on record')
    .command('predictions')
    .description('prove that every prediction is on record once: sequences without a gap, by replica; exits 1 if not')
    .option('--spool <folder...>', 'also the spool of a replica (the folder "spool" in its DATA_DIR)')
    .option('--no-kafka', 'only the spools')
    .option('--no-monitoring', 'do not ask the monitoring service what has arrived there')
    .option('--oldest', 'begin with the oldest record that is kept, not with sequence 1')
    .option('--answered <file>', 'ids of predictions, one a line, each of which must be on record')
    .option('--settle <seconds>', 'silence on Kafka that is taken for the end', positive, 3)
    .option('--json')
    .action(async (options: AuditOptions) => {
      const report = await audit(options);
      print(report, options, () => describe(report));
      if (!report.complete) process.exitCode = 1;
    });
}

async function audit(options: AuditOptions): Promise<AuditReport> {
  const sequences = new SequenceAudit();
  const answered = new Set(options.answered === undefined ? [] : readFileSync(options.answered, 'utf8').match(/\S+/g));
  const shipped = new Map<string, number>();
  const add = (record: PredictionRecord) => {
    sequences.add(record);
    answered.delete(record.prediction);
  };
  if (options.kafka) {
    const { kafka } = cliConnection();
    note(`reading prediction.logged at ${kafka.brokers.join(',')}…`);
    await readLoggedPredictions(kafka, options.settle * 1000, (record) => {
      shipped.set(record.replica, Math.max(record.sequence, shipped.get(record.replica) ?? 0));
      add(record);
    });
  }
  for (const folder of options.spool ?? []) await readSpool(folder, add);
  const replicas: AuditReport['replicas'][number][] = [];
  for (const one of sequences.results(options.oldest ? 'oldest' : 'start')) {
    const waiting = options.kafka ? one.last - (shipped.get(one.replica) ?? 0) : 0;
    const consumed = options.kafka && options.monitoring ? await consumedOf(one.replica) : undefined;
    replicas.push({ ...one, waiting, ...(consumed ? { consumed } : {}) });
  }
  const unrecorded = options.answered === undefined ? {} : { unrecorded: [...answered] };
  const problems = [...replicas.flatMap(problemsOf), ...unrecordedProblem(answered)];
  if (replicas.length === 0) problems.push('there is no record at all');
  return { complete: problems.length === 0, replicas, ...unrecorded, problems };
}

/** @throws UnreachableError when the service is away, which `--no-monitoring` does without */
async function consumedOf(replica: string): Promise<ConsumedLog> {
  const { monitoring, key } = cliConnection();
  try {
    return await new ServiceClient(monitoring, key).request<ConsumedLog>(`/v1/replicas/${replica}/log`);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return { received: 0, highest: 0, missing: 0 };
    throw error;
  }
}

function problemsOf(one: AuditReport['replicas'][number]): string[] {
  const { replica, gaps, conflicts, last, waiting, consumed } = one;
  const problems: string[] = [];
  if (!isComplete(one)) {
    problems.push(
      ...gaps.map((gap) => `${replica}: ${gap.last - gap.first + 1} missing, ${gap.first} to ${gap.last}`),
      ...conflicts.map((sequence) => `${replica}: ${sequence} is the number of two predictions`),
    );
  }
  if (!consumed) return problems;
  const behind = last - waiting - consumed.highest;
  if (behind > 0)
    problems.push(`${replica}: monitoring has nothing after ${consumed.highest}, ${behind} fewer than Kafka`);
  if (consumed.missing > 0)
    problems.push(`${replica}: monitoring is missing ${consumed.missing} of ${consumed.highest}`);
  return problems;
}

function unrecordedProblem(answered: ReadonlySet<string>): string[] {
  return answered.size === 0 ? [] : [`${answered.size} answered predictions are on no record`];
}

function describe({ complete, replicas, unrecorded, problems }: AuditReport): string {
  const counts = replicas.map(({ replica, first, last, records, repeats, waiting, consumed }) => [
    ...[replica, first, last, records, repeats, waiting, consumed?.received],
  ]);
  const versions = replicas.flatMap(({ replica, versions: all }) =>
    all.map(({ endpoint, version, records }) => [replica, endpoint, version, records]),
  );
  return [
    table(['replica', 'first', 'last', 'records', 'again', 'waiting', 'monitoring'], counts),
    table(['replica', 'endpoint', 'version', 'records'], versions),
    ...problems,
    ...(unrecorded ?? []).map((id) => `not on record: ${id}`),
    complete ? 'every prediction is on record' : 'not every prediction is on record',
  ].join('\n');
}
