import { ServiceError } from '@baton/service';
import { histogram } from '@baton/telemetry';
import { batchGroups, rowsOf } from './batch-groups.js';
import { concatenate, slice, type ModelTensor } from './tensors.js';

export type Run = (inputs: readonly ModelTensor[]) => Promise<ModelTensor[]>;

export interface BatchOptions {
  /** Whether the model keeps the rows of a run apart. */
  readonly canBatch: boolean;
  /** Rows of one batch at most. */
  readonly maxRows: number;
  /** Requests that wait at most. */
  readonly maxWaiting: number;
  /** Milliseconds that a request waits for its run at most. */
  readonly timeoutMs: number;
}

interface Waiting {
  readonly inputs: readonly ModelTensor[];
  /** When it came, by the process's own clock. */
  readonly since: number;
  readonly resolve: (outputs: ModelTensor[]) => void;
  readonly reject: (error: unknown) => void;
}

const batchRequests = histogram('model_batch_requests', 'Requests that one run of a model answered', {
  buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
});

/**
 * Runs requests that arrive in one turn of the event loop as one batch, and what came while a batch ran as the next:
 * no timer, so a lone request waits for nobody. If a batch fails, each of its requests runs alone, so that one of them
 * cannot fail the others.
 */
export class TurnBatcher {
  private waiting: Waiting[] = [];
  private draining: Promise<void> | undefined;
  private canBatch: boolean;

  constructor(
    private readonly run: Run,
    private readonly options: BatchOptions,
  ) {
    this.canBatch = options.canBatch;
  }

  /** @throws ServiceError 503 when too many wait; 504 when its turn did not come in time; whatever the run throws */
  submit(inputs: readonly ModelTensor[]): Promise<ModelTensor[]> {
    if (this.waiting.length >= this.options.maxWaiting) return Promise.reject(overloaded());
    return new Promise((resolve, reject) => {
      this.waiting.push({ inputs, since: performance.now(), resolve, reject });
      this.draining ??= this.drain();
    });
  }

  /** Resolves when everything that was submitted is answered. */
  async idle(): Promise<void> {
    while (this.draining) await this.draining;
  }

  private async drain(): Promise<void> {
    await new Promise((done) => setImmediate(done));
    while (this.waiting.length > 0) {
      const all = this.inTime(this.waiting);
      this.waiting = [];
      const groups = this.canBatch ? batchGroups(all, this.options.maxRows) : all.map((one) => [one]);
      for (const group of groups) await this.runGroup(group);
    }
    this.draining = undefined;
  }

  private inTime(all: readonly Waiting[]): Waiting[] {
    const oldest = performance.now() - this.options.timeoutMs;
    return all.filter(({ since, reject }) => {
      if (since < oldest) reject(timedOut(this.options.timeoutMs));
      return since >= oldest;
    });
  }

  private async runGroup(group: readonly Waiting[]): Promise<void> {
    if (group.length > 1 && this.canBatch && (await this.runTogether(group))) return;
    for (const { inputs, resolve, reject } of group) {
      batchRequests.observe(1);
      await this.run(inputs).then(resolve, reject);
    }
  }

  /** False when the batch failed, or the model does not keep rows apart: then nobody has been answered. */
  private async runTogether(group: readonly Waiting[]): Promise<boolean> {
    const sizes = group.map(({ inputs }) => rowsOf(inputs) ?? 0);
    const total = sizes.reduce((sum, rows) => sum + rows, 0);
    let outputs: ModelTensor[];
    try {
      outputs = await this.run(joined(group));
    } catch {
      return false;
    }
    if (outputs.some(({ shape }) => shape[0] !== total)) {
      this.canBatch = false;
      return false;
    }
    batchRequests.observe(group.length);
    let row = 0;
    group.forEach(({ resolve }, index) => {
      const [from, to] = [row, row + (sizes[index] ?? 0)];
      resolve(outputs.map((output) => slice(output, from, to)));
      row = to;
    });
    return true;
  }
}

function joined(group: readonly Waiting[]): ModelTensor[] {
  const width = group[0]?.inputs.length ?? 0;
  return Array.from({ length: width }, (_, index) => concatenate(group.flatMap(({ inputs }) => inputs[index] ?? [])));
}

function overloaded(): ServiceError {
  const detail = 'too many requests wait for this model; try again soon';
  return new ServiceError('overloaded', detail, { status: 503, retriable: true, retryAfterSeconds: 1 });
}

function timedOut(timeoutMs: number): ServiceError {
  return new ServiceError('timeout', `the request waited for its run for more than ${timeoutMs} ms`, {
    status: 504,
    retriable: true,
  });
}
