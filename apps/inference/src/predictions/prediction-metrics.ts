import { ServiceError } from '@baton/service';
import { LatencyHistogram, loopDelay, metricFamily, requestTracer, recordSpan, spanShape } from '@baton/telemetry';
import { Injectable } from '@nestjs/common';
import { Endpoints } from '../plans/endpoints.js';
import type { BatchRun } from '../runtime/turn-batcher.js';
import type { PendingPrediction } from './pending-prediction.js';
import { ServingStats, type VersionStats } from './serving-stats.js';

/** Numbers of one version at one endpoint, kept plainly: they are handed over when they are asked for. */
interface RouteMetrics {
  readonly labels: { readonly endpoint: string; readonly version: number };
  readonly stats: VersionStats;
  readonly latency: LatencyHistogram;
  /** Failures by the code of the error. */
  readonly errors: Map<string, number>;
  lastRun: BatchRun | undefined;
}

const SHAPE = spanShape([
  { name: 'infer', kind: 'server', attributes: { 'rpc.system': 'oip' } },
  { name: 'read' },
  { name: 'queue' },
  { name: 'model.run' },
  { name: 'record' },
]);
const MAX_ERROR_CODES = 50;
const BATCH_BOUNDS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

/** What operations sees of predictions: counters, latencies with exemplars, spans. */
@Injectable()
export class PredictionMetrics {
  private readonly routes = new Map<string, RouteMetrics>();
  private readonly times = new Float64Array(10);

  constructor(
    private readonly stats: ServingStats,
    private readonly endpoints: Endpoints,
  ) {
    loopDelay.watch();
    endpoints.onChange(() => this.forget());
    const routes = () => [...this.routes.values()];
    metricFamily({
      name: 'predictions_total',
      help: 'Predictions by outcome: ok, or the code of the error',
      type: 'counter',
      collect: () =>
        routes().flatMap(({ labels, stats: { success }, errors }) => [
          { labels: { ...labels, outcome: 'ok' }, value: success.count },
          ...[...errors].map(([outcome, value]) => ({ labels: { ...labels, outcome }, value })),
        ]),
    });
    metricFamily({
      name: 'prediction_duration_seconds',
      help: 'Time from a request to its record',
      type: 'histogram',
      collect: () => routes().map(({ labels, latency }) => latency.sample(labels)),
    });
    metricFamily({
      name: 'model_runs_total',
      help: 'Runs of a model; fewer than predictions, where they run together',
      type: 'counter',
      collect: () => routes().map(({ labels, stats: { executionCount: value } }) => ({ labels, value })),
    });
    metricFamily({
      name: 'model_batch_rows',
      help: 'Rows of a run of a model',
      type: 'histogram',
      collect: () => routes().map(({ labels, stats }) => batchSample(labels, stats)),
    });
    metricFamily({
      name: 'model_queue_seconds_total',
      help: 'Time that requests have waited for their run',
      type: 'counter',
      collect: () => routes().map(({ labels, stats: { queue } }) => ({ labels, value: queue.ns / 1e9 })),
    });
  }

  /** It is on record, and about to be answered. */
  finished(prediction: PendingPrediction): void {
    const route = this.routeOf(prediction);
    const { run, since, readAt, recordAt, cause, request } = prediction;
    const now = performance.now();
    const totalMs = now - since;
    route.latency.observe(totalMs, request.trace);
    if (run && run !== route.lastRun) {
      route.lastRun = run;
      route.stats.executed(run.rows, run.endedAt - run.startedAt);
    }
    if (cause === undefined && run) {
      const [queueMs, runMs] = [run.startedAt - readAt, run.endedAt - run.startedAt];
      const parts = { totalMs, queueMs, inputMs: readAt - since, runMs, outputMs: now - recordAt };
      route.stats.answered(prediction.rows, parts);
    } else {
      route.stats.failed(totalMs);
      this.countError(route, cause);
    }
    this.trace(prediction, now);
  }

  /** What is not served any more, nor to be: deployments come and go for years. */
  private forget(): void {
    const plans = this.endpoints.all().flatMap(({ wanted, served }) => [wanted, served?.plan]);
    const kept = new Set(plans.flatMap((plan) => plan?.routes.map(({ deployment }) => deployment) ?? []));
    this.stats.keepOnly(kept);
    for (const deployment of this.routes.keys()) if (!kept.has(deployment)) this.routes.delete(deployment);
  }

  private countError({ errors }: RouteMetrics, cause: unknown): void {
    const code = codeOf(cause);
    const counted = errors.has(code) || errors.size < MAX_ERROR_CODES ? code : 'other';
    errors.set(counted, (errors.get(counted) ?? 0) + 1);
  }

  private routeOf({ plan, route }: PendingPrediction): RouteMetrics {
    const known = this.routes.get(route.deployment);
    if (known) return known;
    const labels = { endpoint: plan.endpoint, version: route.version };
    const stats = this.stats.statsOf(route);
    const made = {
      labels,
      stats,
      latency: new LatencyHistogram(),
      errors: new Map<string, number>(),
      lastRun: undefined,
    };
    this.routes.set(route.deployment, made);
    return made;
  }

  private trace(prediction: PendingPrediction, now: number): void {
    const { request, run, cause, since, readAt, recordAt, receivedAt, route, plan } = prediction;
    const failed = cause === undefined ? undefined : codeOf(cause);
    const { trace } = request;
    if (trace && (trace.isSampled || isTold(failed))) {
      const begun = run?.startedAt ?? recordAt;
      const ended = run?.endedAt ?? recordAt;
      const moments = [since, now, since, readAt, readAt, begun, begun, ended, recordAt, now];
      for (let index = 0; index < moments.length; index += 1) {
        this.times[index] = receivedAt + (moments[index] ?? now) - since;
      }
      const attributes = {
        'baton.endpoint': plan.endpoint,
        'baton.version': route.version,
        'baton.rows': prediction.rows,
        'baton.batch': run?.requests ?? 0,
      };
      requestTracer.end(trace, SHAPE, this.times, failed === undefined ? { attributes } : { attributes, failed });
      return;
    }
    if (trace || !run || prediction.traceparent === undefined) return;
    const at = (moment: number) => new Date(receivedAt + moment - since);
    const { traceparent, tracestate } = prediction;
    const parent = { traceparent, ...(tracestate === undefined ? {} : { tracestate }) };
    const attributes = { 'baton.model': route.model, 'baton.version': route.version, 'baton.batch': run.requests };
    recordSpan('model.run', { parent, attributes, startTime: at(run.startedAt), endTime: at(run.endedAt) });
  }
}

function batchSample(labels: RouteMetrics['labels'], { batches, executionCount: count }: VersionStats) {
  const buckets = new Array<number>(BATCH_BOUNDS.length + 1).fill(0);
  let sum = 0;
  for (const [rows, runs] of batches) {
    const bucket = BATCH_BOUNDS.findIndex((bound) => rows <= bound);
    const at = bucket < 0 ? BATCH_BOUNDS.length : bucket;
    buckets[at] = (buckets[at] ?? 0) + runs.count;
    sum += rows * runs.count;
  }
  return { labels, bounds: BATCH_BOUNDS, buckets, sum, count };
}

/** What went wrong is kept whatever the sampling, but for refusals, of which there are thousands a second. */
function isTold(failed: string | undefined): boolean {
  return failed !== undefined && failed !== 'overloaded';
}

function codeOf(cause: unknown): string {
  return cause instanceof ServiceError ? cause.code : 'internal';
}
