import { boundOf, readGraph } from '@baton/onnx';
import { createLogger } from '@baton/telemetry';
import { LatencyEstimate } from '../isolation/latency-estimate.js';
import { ModelProcess } from '../isolation/model-process.js';
import { placementOf, type LoopLimits, type Place, type Placement, type WorkBound } from '../isolation/placement.js';
import { ModelSession, type ModelSignature } from '../runtime/session.js';
import type { ModelTensor } from '../runtime/tensors.js';
import type { Suspects } from './suspects.js';

const log = createLogger('models');
/** Runs over the limit, more than the others, after which a model leaves the loop. */
const MAX_OVERRUNS = 20;
/** By how much fewer rows are tried where more would need too much memory. */
const FEWER = 4;

export interface PlacementOptions {
  /** Of the model, in logs and metrics. */
  readonly name: string;
  readonly digest: string;
  readonly signature: ModelSignature;
  /** Rows of one run at most. */
  readonly maxRows: number;
  readonly loop: LoopLimits;
  readonly memoryMb: number;
  readonly runTimeoutMs: number;
  /** The verified bytes, read again: for a process that has to start anew. */
  readonly bytes: () => Promise<Uint8Array>;
}

/** What is known of a model once it has been loaded: loading it again needs no second look. */
export interface ModelCost {
  readonly bound: WorkBound;
  /** Rows up to which the bound holds. */
  readonly boundedRows: number;
  readonly estimate: LatencyEstimate;
  /** Of the shortest run: what the model takes when nothing disturbs it; not finite while there was none. */
  readonly shortestMs: number;
  readonly place: Place;
}

/** A model where it belongs: on the serving loop while that is safe and short, else in a process of its own. */
export class PlacedModel {
  private overruns = 0;
  private shortestMs: number;
  private isWarm = false;
  private isMoving = false;

  private bound: WorkBound;
  private readonly boundedRows: number;
  private readonly estimate: LatencyEstimate;

  private constructor(
    private runner: ModelSession | ModelProcess,
    cost: Omit<ModelCost, 'place'>,
    private readonly suspects: Suspects,
    private readonly options: PlacementOptions,
  ) {
    ({ bound: this.bound, boundedRows: this.boundedRows, estimate: this.estimate, shortestMs: this.shortestMs } = cost);
  }

  /**
   * @param known of the same bytes, loaded before
   * @throws Error of the runtime, or when the graph is not of this signature
   */
  static async load(
    bytes: Uint8Array,
    suspects: Suspects,
    options: PlacementOptions,
    known?: ModelCost,
  ): Promise<PlacedModel> {
    const { digest, loop, name, signature } = options;
    const cost = known ?? unknownCost(bytes, options.maxRows, loop.peakBytes);
    const placement = placementOf({
      ...{ bound: cost.bound, rows: 1, hasMisbehaved: suspects.has(digest), limits: loop },
      ...{ estimateMs: cost.estimate.estimateMs(1), current: known?.place },
    });
    log.debug('a model is placed', { model: name, ...placement });
    const runner =
      placement.place === 'loop' ? await ModelSession.load(bytes, signature) : await startProcess(options, suspects);
    return new PlacedModel(runner, cost, suspects, options);
  }

  get isOnLoop(): boolean {
    return this.runner instanceof ModelSession;
  }

  get cost(): ModelCost {
    const { bound, boundedRows, estimate, shortestMs } = this;
    return { bound, boundedRows, estimate, shortestMs, place: this.isOnLoop ? 'loop' : 'process' };
  }

  get sharesRows(): boolean {
    return this.runner.sharesRows;
  }

  /** Milliseconds; 0 while nothing is known. */
  estimateMs(rows: number): number {
    return this.estimate.estimateMs(rows) ?? 0;
  }

  /** Rows that a run on the loop may have, so that it stays short; anywhere else as many as are allowed. */
  get rowsAtOnce(): number {
    const { maxRows, loop } = this.options;
    if (!this.isOnLoop) return maxRows;
    const perRow = this.estimateMs(2) - this.estimateMs(1);
    const rows = perRow > 0 ? 1 + Math.floor((loop.runMs - this.estimateMs(1)) / perRow) : maxRows;
    return Math.min(this.boundedRows, Math.max(1, rows));
  }

  run(inputs: readonly ModelTensor[]): ModelTensor[] | Promise<ModelTensor[]> {
    const rows = inputs[0]?.shape[0] ?? 1;
    const start = performance.now();
    const outputs = this.runner.run(inputs);
    if (outputs instanceof Promise) {
      return outputs.then((late) => {
        this.estimate.observe(rows, performance.now() - start);
        return late;
      });
    }
    this.observe(rows, performance.now() - start);
    return outputs;
  }

  /** What was told from its graph holds for a number of rows that its runs will not keep to. */
  async leaveLoop(reason: string): Promise<void> {
    this.bound = { bounded: false, reason };
    await this.settle();
  }

  /**
   * To where it belongs by its first runs, of which the shortest counts: the others say more of what else goes on while
   * models are loaded.
   */
  async settle(): Promise<void> {
    await this.place(this.shortestMs === Infinity ? undefined : this.shortestMs);
  }

  /** Nothing is lost: what runs, runs to its end where it is. */
  private async place(estimateMs: number | undefined): Promise<void> {
    const placement = this.placement(estimateMs);
    if (!this.isOnLoop || placement.place === 'loop' || this.isMoving) return;
    this.isMoving = true;
    try {
      const before = this.runner;
      this.runner = await startProcess(this.options, this.suspects);
      log.info('a model has left the serving loop', { model: this.options.name, reason: placement.reason });
      await before.release();
    } finally {
      this.isMoving = false;
    }
  }

  async release(): Promise<void> {
    await this.runner.release();
  }

  private placement(estimateMs: number | undefined): Placement {
    const { digest, loop } = this.options;
    const hasMisbehaved = this.suspects.has(digest);
    return placementOf({ bound: this.bound, rows: 1, estimateMs, hasMisbehaved, limits: loop });
  }

  /** One slow run says more of the machine than of the model. */
  private observe(rows: number, ms: number): void {
    this.shortestMs = Math.min(this.shortestMs, ms);
    // The first one is mostly the runtime's getting ready.
    if (this.isWarm) this.estimate.observe(rows, ms);
    this.isWarm = true;
    const isOver = this.estimateMs(1) > this.options.loop.runMs;
    this.overruns = Math.max(0, this.overruns + (isOver ? 1 : -1));
    if (this.overruns < MAX_OVERRUNS || this.isMoving) return;
    this.overruns = 0;
    this.place(this.estimateMs(1)).catch((error: unknown) =>
      log.error('a slow model stays on the serving loop', { error }),
    );
  }
}

/** The bound is for the most rows, up to so many, of which a run stays within the memory; else for one. */
function unknownCost(bytes: Uint8Array, maxRows: number, peakBytes: number): Omit<ModelCost, 'place'> {
  const graph = readGraph(bytes);
  let rows = maxRows;
  let bound = boundOf(graph, { rows });
  while (bound.bounded && bound.peakBytes > peakBytes && rows > 1) {
    rows = Math.max(1, Math.floor(rows / FEWER));
    bound = boundOf(graph, { rows });
  }
  return { bound, boundedRows: rows, estimate: new LatencyEstimate(), shortestMs: Infinity };
}

function startProcess(options: PlacementOptions, suspects: Suspects): Promise<ModelProcess> {
  const { name, digest, signature, memoryMb, runTimeoutMs, bytes } = options;
  const onCrash = () => suspects.add(digest);
  return ModelProcess.start({ name, bytes, signature, memoryMb, runTimeoutMs, onCrash });
}
