import { InferenceSession } from 'onnxruntime-node';
import { fromRuntime, toRuntime, type ModelTensor } from './tensors.js';

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
  private constructor(private readonly session: InferenceSession) {}

  /** @param bytes the very bytes that were verified */
  static async load(bytes: Uint8Array): Promise<ModelSession> {
    return new ModelSession(await InferenceSession.create(bytes, OPTIONS));
  }

  async run(inputs: readonly ModelTensor[]): Promise<ModelTensor[]> {
    const feeds = Object.fromEntries(inputs.map((tensor) => [tensor.name, toRuntime(tensor)]));
    const results = await this.session.run(feeds);
    return this.session.outputNames.map((name) => {
      const tensor = results[name];
      if (!tensor) throw new Error(`the model gave no ${name}`);
      return fromRuntime(name, tensor);
    });
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}
