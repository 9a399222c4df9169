import type { TensorSignature } from '@baton/contracts';
import { openSession, type OrtResults, type OrtSession, type OrtTensor, type OrtValue } from './ort-session.js';
import { fromRuntime, runtimeType, type ModelTensor } from './tensors.js';

/** What a model takes and gives. */
export interface ModelSignature {
  readonly inputs: readonly TensorSignature[];
  readonly outputs: readonly TensorSignature[];
}

/** A model in the memory of this process. */
export class ModelSession {
  /** Whether the graph gives the first dimension of all inputs the same name, or none: then it is the rows. */
  readonly sharesRows: boolean;
  private readonly outputs: readonly string[];

  private constructor(
    private readonly session: OrtSession,
    signature: ModelSignature,
  ) {
    this.outputs = signature.outputs.map(({ name }) => name);
    this.sharesRows = session.inputs.every(
      ({ first }) => typeof first === 'string' && first === session.inputs[0]?.first,
    );
  }

  /**
   * @param bytes the very bytes that were verified
   * @throws Error when the graph is not of this signature
   */
  static async load(bytes: Uint8Array, signature: ModelSignature): Promise<ModelSession> {
    const session = await openSession(bytes);
    try {
      refuseOther('inputs', session.inputs, signature.inputs);
      refuseOther('outputs', session.outputs, signature.outputs);
    } catch (error) {
      await session.release();
      throw error;
    }
    return new ModelSession(session, signature);
  }

  /** Blocks the loop while the model runs; the answer is there at once where the runtime allows it. */
  run(inputs: readonly ModelTensor[]): ModelTensor[] | Promise<ModelTensor[]> {
    const feeds: Record<string, OrtTensor> = {};
    for (const { name, datatype, shape, data } of inputs) {
      feeds[name] = { type: runtimeType(datatype), data, dims: shape, location: 'cpu' };
    }
    const results = this.session.run(feeds, this.outputs);
    return results instanceof Promise ? results.then((late) => this.tensorsOf(late)) : this.tensorsOf(results);
  }

  async release(): Promise<void> {
    await this.session.release();
  }

  private tensorsOf(results: OrtResults): ModelTensor[] {
    return this.outputs.map((name) => {
      const tensor = results[name];
      if (!tensor) throw new Error(`the model gave no ${name}`);
      return fromRuntime(name, tensor);
    });
  }
}

/** What requests are checked against must be what the graph takes. */
function refuseOther(what: string, declared: readonly OrtValue[], wanted: readonly TensorSignature[]): void {
  const line = ({ name, datatype }: { name: string; datatype: string | undefined }) => `${name} ${datatype}`;
  const [has, wants] = [declared.map(line).sort(), wanted.map(line).sort()];
  if (has.join() !== wants.join()) {
    throw new Error(`the ${what} of the graph are ${has.join(', ')}, and those of the version ${wants.join(', ')}`);
  }
}
