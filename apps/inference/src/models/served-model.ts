import type { TensorSignature } from '@baton/contracts';
import { withSpan } from '@baton/telemetry';
import { keepsRowsApart } from '../runtime/row-independence.js';
import { sampleRows } from '../runtime/sample-rows.js';
import { ModelSession } from '../runtime/session.js';
import type { ModelTensor } from '../runtime/tensors.js';
import { TurnBatcher, type BatchOptions } from '../runtime/turn-batcher.js';

/** What a model takes and gives. */
export interface ModelSignature {
  readonly inputs: readonly TensorSignature[];
  readonly outputs: readonly TensorSignature[];
}

/** A verified version in memory, ready to answer. */
export class ServedModel {
  private constructor(
    private readonly session: ModelSession,
    private readonly batcher: TurnBatcher,
    /** Whether the first dimension of every input counts the same rows. */
    readonly hasRows: boolean,
  ) {}

  /**
   * Loads the bytes and runs them, so that the first caller does not pay for what the runtime does lazily.
   * @throws Error of the runtime, or when the graph is not of this signature
   */
  static async load(
    bytes: Uint8Array,
    signature: ModelSignature,
    limits: Omit<BatchOptions, 'canBatch'>,
  ): Promise<ServedModel> {
    const session = await ModelSession.load(bytes, signature);
    const run = (inputs: readonly ModelTensor[]) => session.run(inputs);
    const hasRows = session.sharesRows && isOpen(signature.inputs);
    const mayBatch = hasRows && isOpen(signature.outputs) && limits.maxRows > 1;
    const canBatch = mayBatch && (await keepsRowsApart(run, signature.inputs));
    // A model may rightly refuse samples that nobody would send; that says nothing about real requests.
    if (!mayBatch) await run(sampleRows(signature.inputs, 1)).catch(() => undefined);
    return new ServedModel(session, new TurnBatcher(run, { ...limits, canBatch }), hasRows);
  }

  run(inputs: readonly ModelTensor[], attributes: Record<string, string | number>): Promise<ModelTensor[]> {
    return withSpan('model.run', { attributes }, () => this.batcher.submit(inputs));
  }

  /** Frees the memory when the last request is answered. */
  async release(): Promise<void> {
    await this.batcher.idle();
    await this.session.release();
  }
}

function isOpen(tensors: readonly TensorSignature[]): boolean {
  return tensors.every(({ shape }) => shape[0] === -1);
}
