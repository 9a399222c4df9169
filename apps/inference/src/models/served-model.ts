import type { TensorSignature } from '@baton/contracts';
import type { ServiceError } from '@baton/service';
import { BatchArena } from '../runtime/batch-arena.js';
import { keepsRowsApart } from '../runtime/row-independence.js';
import { sampleRows } from '../runtime/sample-rows.js';
import { TurnBatcher, type Run, type Submission } from '../runtime/turn-batcher.js';
import { PlacedModel, type ModelCost, type PlacementOptions } from './placed-model.js';
import type { Suspects } from './suspects.js';

export interface ServingLimits {
  /** Requests that wait at most. */
  readonly maxWaiting: number;
}

/** What loading the same bytes again need not find out. */
export interface KnownModel {
  readonly cost: ModelCost;
  readonly canBatch: boolean;
}

/** A verified version in memory, ready to answer. */
export class ServedModel {
  private constructor(
    private readonly placed: PlacedModel,
    private readonly batcher: TurnBatcher,
    /** Whether the first dimension of every input counts the same rows. */
    readonly hasRows: boolean,
    private readonly batch: BatchArena | undefined,
    private readonly canBatch: boolean,
  ) {}

  /**
   * Loads the bytes and runs them, so that the first caller does not pay for what the runtime does lazily, and so that
   * it is known what a run costs.
   * @throws Error of the runtime, or when the graph is not of the signature
   */
  static async load(
    bytes: Uint8Array,
    suspects: Suspects,
    options: PlacementOptions & ServingLimits,
    known?: KnownModel,
  ): Promise<ServedModel> {
    const { maxRows, signature } = options;
    const { inputs, outputs } = signature;
    const placed = await PlacedModel.load(bytes, suspects, options, known?.cost);
    const run: Run = (tensors) => placed.run(tensors);
    const hasRows = placed.sharesRows && inputs.every(isOpen);
    const mayBatch = hasRows && outputs.every(isOpen);
    const canBatch = known?.canBatch ?? (mayBatch && (await keepsRowsApart(run, inputs)));
    // A model may rightly refuse samples that nobody would send; that says nothing about real requests.
    if (known || !mayBatch) await runOnce(run, inputs);
    // Only what runs together is cut into runs of so many rows.
    if (!canBatch && inputs.some(isOpen)) await placed.leaveLoop('its runs may have any number of rows');
    else await placed.settle();
    const hasFixedRows = inputs.every(({ shape }) => shape.slice(1).every((size) => size >= 0));
    const arena = canBatch ? new BatchArena(inputs, maxRows) : undefined;
    const batcher = new TurnBatcher(run, {
      ...{ canBatch, hasFixedRows, arena, maxWaiting: options.maxWaiting },
      maxRows: () => placed.rowsAtOnce,
      estimateMs: (rows) => placed.estimateMs(rows),
      turnMs: options.loop.runMs,
    });
    return new ServedModel(placed, batcher, hasRows, arena, canBatch);
  }

  get known(): KnownModel {
    return { cost: this.placed.cost, canBatch: this.canBatch };
  }

  /** Where requests of one turn may be decoded to; nothing while they run elsewhere, or not together. */
  get arena(): BatchArena | undefined {
    return this.placed.isOnLoop ? this.batch : undefined;
  }

  /** Whether nobody waits for it. */
  get isIdle(): boolean {
    return this.batcher.isIdle;
  }

  /** Why a request is better not read, if there is too much to do; times are of the process's own clock. */
  refusal(now: number, deadline: number): ServiceError | undefined {
    return this.batcher.refusal(now, deadline);
  }

  submit(submission: Submission): void {
    this.batcher.submit(submission);
  }

  /** Frees the memory when the last request is answered. */
  async release(): Promise<void> {
    await this.batcher.idle();
    await this.placed.release();
  }
}

async function runOnce(run: Run, inputs: readonly TensorSignature[]): Promise<void> {
  try {
    await run(sampleRows(inputs, 1));
  } catch {
    // Nothing was asked.
  }
}

function isOpen({ shape }: { readonly shape: readonly number[] }): boolean {
  return shape[0] === -1;
}
