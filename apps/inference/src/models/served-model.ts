import type { Route } from '@baton/contracts';
import { withSpan } from '@baton/telemetry';
import { ModelSession } from '../runtime/session.js';
import { elementCount, makeData, type ModelTensor } from '../runtime/tensors.js';
import { TurnBatcher } from '../runtime/turn-batcher.js';

/** A verified version in memory, ready to answer. */
export class ServedModel {
  private readonly batcher: TurnBatcher;

  private constructor(
    readonly route: Route,
    private readonly session: ModelSession,
  ) {
    this.batcher = new TurnBatcher((inputs) => session.run(inputs), route.inputs, route.outputs);
  }

  /** Loads the bytes and runs them once, so that the first caller does not pay for what the runtime does lazily. */
  static async load(route: Route, bytes: Uint8Array): Promise<ServedModel> {
    const session = await ModelSession.load(bytes);
    await session.run(route.inputs.map(zeros));
    return new ServedModel(route, session);
  }

  run(inputs: readonly ModelTensor[]): Promise<ModelTensor[]> {
    const { model, version } = this.route;
    return withSpan('run model', { attributes: { 'baton.model': model, 'baton.version': version } }, () =>
      this.batcher.submit(inputs),
    );
  }

  /** Frees the memory when the last request is answered. */
  async release(): Promise<void> {
    await this.batcher.idle();
    await this.session.release();
  }
}

function zeros({ name, datatype, shape }: Route['inputs'][number]): ModelTensor {
  const sizes = shape.map((size) => (size < 0 ? 1 : size));
  return { name, datatype, shape: sizes, data: makeData(datatype, elementCount(sizes)) };
}
