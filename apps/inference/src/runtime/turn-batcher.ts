import type { TensorSignature } from '@baton/contracts';
import { concatenate, slice, type ModelTensor } from './tensors.js';

/** Rows of one run at most. */
const MAX_ROWS = 2048;

type Run = (inputs: readonly ModelTensor[]) => Promise<ModelTensor[]>;

interface Waiting {
  readonly inputs: readonly ModelTensor[];
  readonly rows: number;
  readonly resolve: (outputs: ModelTensor[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Runs requests that arrive in one turn of the event loop as one batch: no timer, so a lone request waits for nobody.
 * Only models whose inputs and outputs have an open first dimension are batched. If a batch fails, each of its
 * requests runs alone, so that one of them cannot fail the others.
 */
export class TurnBatcher {
  private waiting: Waiting[] = [];
  private isScheduled = false;
  private running: Promise<void> = Promise.resolve();
  private canBatch: boolean;

  constructor(
    private readonly run: Run,
    inputs: readonly TensorSignature[],
    outputs: readonly TensorSignature[],
  ) {
    this.canBatch = [...inputs, ...outputs].every(({ shape }) => shape[0] === -1);
  }

  submit(inputs: readonly ModelTensor[]): Promise<ModelTensor[]> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ inputs, rows: inputs[0]?.shape[0] ?? 1, resolve, reject });
      if (this.isScheduled) return;
      this.isScheduled = true;
      setImmediate(() => this.flush());
    });
  }

  /** Resolves when nothing runs any more. */
  async idle(): Promise<void> {
    while (this.isScheduled) await new Promise((done) => setImmediate(done));
    await this.running;
  }

  private flush(): void {
    this.isScheduled = false;
    const groups = groupsOf(this.waiting, this.canBatch);
    this.waiting = [];
    for (const group of groups) this.running = this.running.then(() => this.runGroup(group));
  }

  private async runGroup(group: readonly Waiting[]): Promise<void> {
    if (group.length > 1 && this.canBatch && (await this.runTogether(group))) return;
    for (const one of group) await this.run(one.inputs).then(one.resolve, one.reject);
  }

  /** False when the batch failed, or the model does not keep rows apart: then nobody has been answered. */
  private async runTogether(group: readonly Waiting[]): Promise<boolean> {
    const total = group.reduce((sum, { rows }) => sum + rows, 0);
    const width = group[0]?.inputs.length ?? 0;
    const joined = Array.from({ length: width }, (_, index) =>
      concatenate(group.flatMap(({ inputs }) => inputs[index] ?? [])),
    );
    let outputs: ModelTensor[];
    try {
      outputs = await this.run(joined);
    } catch {
      return false;
    }
    if (outputs.some(({ shape }) => shape[0] !== total)) {
      this.canBatch = false;
      return false;
    }
    let row = 0;
    for (const { rows, resolve } of group) {
      const [from, to] = [row, row + rows];
      resolve(outputs.map((output) => slice(output, from, to)));
      row = to;
    }
    return true;
  }
}

/** Requests that may run together: the same sizes beyond the first dimension, and not too many rows. */
function groupsOf(waiting: readonly Waiting[], canBatch: boolean): Waiting[][] {
  if (!canBatch) return waiting.map((one) => [one]);
  const groups: { key: string; rows: number; members: Waiting[] }[] = [];
  for (const one of waiting) {
    const rowsAgree = one.inputs.every(({ shape }) => shape[0] === one.rows);
    const key = rowsAgree ? one.inputs.map(({ shape }) => shape.slice(1).join('x')).join(',') : '';
    const open = rowsAgree && groups.findLast((group) => group.key === key && group.rows + one.rows <= MAX_ROWS);
    if (open) {
      open.members.push(one);
      open.rows += one.rows;
    } else {
      groups.push({ key: rowsAgree ? key : `alone ${groups.length}`, rows: one.rows, members: [one] });
    }
  }
  return groups.map(({ members }) => members);
}
