import type { ModelTensor } from '../runtime/tensors.js';
import type { ModelSignature } from './load-frame.js';

/** Runs a model, wherever it lives. */
export interface ModelRunner {
  run(inputs: readonly ModelTensor[]): Promise<ModelTensor[]>;
  release(): Promise<void>;
}

export interface ModelProcessOptions {
  /** Of the model, in metrics and messages. */
  readonly name: string;
  /** The verified bytes: asked for at each start, so that they are not kept here meanwhile. */
  readonly bytes: () => Promise<Uint8Array>;
  readonly signature: ModelSignature;
  /** Beside what Node, the runtime and the model itself need. */
  readonly memoryMb: number;
  readonly runTimeoutMs: number;
  readonly loadTimeoutMs?: number;
  /** Runs that wait at most. */
  readonly maxWaiting?: number;
  /** Milliseconds that a run waits for its turn at most. */
  readonly waitTimeoutMs?: number;
  /** Bytes of the inputs, or the outputs, of one run at most. */
  readonly maxFrameBytes?: number;
  /** Told of each end of the process that was not asked for: `timeout`, `protocol`, `load`, `spawn`, `exit` or a signal. Never throws. */
  readonly onCrash?: (reason: string) => void;
}

export const processDefaults = {
  loadTimeoutMs: 60_000,
  maxWaiting: 1000,
  waitTimeoutMs: 30_000,
  maxFrameBytes: 256 * 2 ** 20,
} satisfies Partial<ModelProcessOptions>;
