import type { Datatype, TensorSignature } from '@baton/contracts';
import { InferenceSession } from 'onnxruntime-node';
import { datatypeOf, fromRuntime, toRuntime, type ModelTensor } from './tensors.js';

/** One thread and no spinning: a replica's processors are shared by requests, not by one run. */
const OPTIONS: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  logSeverityLevel: 3,
};

/** A model in memory. */
export class ModelSession {
  /** Whether the graph gives the first dimension of all inputs the same name, or none: then it is the rows. */
  readonly sharesRows: boolean;

  private constructor(
    private readonly session: InferenceSession,
    private readonly outputs: readonly string[],
  ) {
    const first = session.inputMetadata.map((input) => (input.isTensor ? input.shape[0] : undefined));
    this.sharesRows = first.every((size) => typeof size === 'string' && size === first[0]);
  }

  /**
   * @param bytes the very bytes that were verified
   * @throws Error when the graph is not of this signature
   */
  static async load(
    bytes: Uint8Array,
    { inputs, outputs }: { readonly inputs: readonly TensorSignature[]; readonly outputs: readonly TensorSignature[] },
  ): Promise<ModelSession> {
    const session = await InferenceSession.create(bytes, OPTIONS);
    try {
      refuseOther('inputs', session.inputMetadata, inputs);
      refuseOther('outputs', session.outputMetadata, outputs);
    } catch (error) {
      await session.release();
      throw error;
    }
    return new ModelSession(
      session,
      outputs.map(({ name }) => name),
    );
  }

  async run(inputs: readonly ModelTensor[]): Promise<ModelTensor[]> {
    const feeds = Object.fromEntries(inputs.map((tensor) => [tensor.name, toRuntime(tensor)]));
    const results = await this.session.run(feeds, this.outputs);
    return this.outputs.map((name) => {
      const tensor = results[name];
      if (!tensor) throw new Error(`the model gave no ${name}`);
      return fromRuntime(name, tensor);
    });
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}

/** What requests are checked against must be what the graph takes. */
function refuseOther(
  what: string,
  declared: readonly InferenceSession.ValueMetadata[],
  wanted: readonly TensorSignature[],
): void {
  const line = (name: string, datatype: Datatype | undefined) => `${name} ${datatype}`;
  const has = declared.map((value) => line(value.name, value.isTensor ? datatypeOf(value.type) : undefined)).sort();
  const wants = wanted.map(({ name, datatype }) => line(name, datatype)).sort();
  if (has.join() !== wants.join()) {
    throw new Error(`the ${what} of the graph are ${has.join(', ')}, and those of the version ${wants.join(', ')}`);
  }
  if (wanted.some(({ datatype }) => datatype === 'FP16')) throw new Error('FP16 tensors are not served');
}
