import type { Route } from '@baton/contracts';

/** How often something was done, and for how long in all. */
export interface Span {
  readonly count: number;
  readonly ns: number;
}

/** Where the time of an answered request went, in milliseconds. */
export interface RequestTimes {
  /** From its arrival to its answer. */
  readonly totalMs: number;
  /** It waited for its run. */
  readonly queueMs: number;
  /** It was read and checked. */
  readonly inputMs: number;
  /** The run that answered it, with everything else that ran in it. */
  readonly runMs: number;
  /** It was recorded, and its answer made ready. */
  readonly outputMs: number;
}

class SpanCounter implements Span {
  count = 0;
  ns = 0;

  add(ms: number): void {
    this.count += 1;
    this.ns += ms * NS_PER_MS;
  }
}

const NS_PER_MS = 1e6;
/** Batches up to this size are counted by their size, larger ones by the next power of two. */
const EXACT_ROWS = 512;

/** What one version has done for one endpoint since the replica began, counted as Triton's statistics extension does. */
export class VersionStats {
  /** Milliseconds since the epoch; 0 before the first. */
  lastInference = 0;
  /** Rows of answered requests. */
  inferenceCount = 0;
  /** Runs of the model. */
  executionCount = 0;
  readonly success = new SpanCounter();
  readonly fail = new SpanCounter();
  readonly queue = new SpanCounter();
  readonly input = new SpanCounter();
  readonly run = new SpanCounter();
  readonly output = new SpanCounter();
  /** Runs by the number of their rows. */
  readonly batches = new Map<number, SpanCounter>();

  answered(rows: number, { totalMs, queueMs, inputMs, runMs, outputMs }: RequestTimes): void {
    this.lastInference = Date.now();
    this.inferenceCount += rows;
    this.success.add(totalMs);
    this.queue.add(queueMs);
    this.input.add(inputMs);
    this.run.add(runMs);
    this.output.add(outputMs);
  }

  failed(totalMs: number): void {
    this.lastInference = Date.now();
    this.fail.add(totalMs);
  }

  /** One run of the model, however many requests it answered. */
  executed(rows: number, runMs: number): void {
    this.executionCount += 1;
    const size = rows <= EXACT_ROWS ? rows : 2 ** Math.ceil(Math.log2(rows));
    const batch = this.batches.get(size) ?? new SpanCounter();
    if (batch.count === 0) this.batches.set(size, batch);
    batch.add(runMs);
  }
}

/** The statistics of everything that is served, by deployment: an endpoint's next plan goes on counting. */
export class ServingStats {
  private readonly byDeployment = new Map<string, VersionStats>();

  statsOf({ deployment }: Pick<Route, 'deployment'>): VersionStats {
    const known = this.byDeployment.get(deployment);
    if (known) return known;
    const stats = new VersionStats();
    this.byDeployment.set(deployment, stats);
    return stats;
  }

  /** Forgets what is not served any more. */
  keepOnly(deployments: ReadonlySet<string>): void {
    for (const deployment of this.byDeployment.keys()) {
      if (!deployments.has(deployment)) this.byDeployment.delete(deployment);
    }
  }
}
