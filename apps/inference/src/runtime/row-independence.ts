import type { TensorSignature } from '@baton/contracts';
import { sampleRows } from './sample-rows.js';
import { slice, type ModelTensor } from './tensors.js';
import type { Run } from './turn-batcher.js';

const ROWS = 3;
const TOLERANCE = 1e-3;

/**
 * Tries whether a model answers a row the same, whichever rows are beside it. That its first dimensions are open does
 * not say so: a softmax over the rows, say, gives everybody's answer to everybody. It warms the model up on the way.
 * @returns false too for a model that does not run on the samples
 */
export async function keepsRowsApart(run: Run, inputs: readonly TensorSignature[]): Promise<boolean> {
  try {
    const samples = sampleRows(inputs, ROWS);
    const together = await run(samples);
    if (together.some(({ shape }) => shape[0] !== ROWS)) return false;
    for (let row = 0; row < ROWS; row += 1) {
      const alone = await run(samples.map((input) => slice(input, row, row + 1)));
      const same = alone.every((output, index) => {
        const other = together[index];
        return other !== undefined && isClose(output, slice(other, row, row + 1));
      });
      if (!same) return false;
    }
    return true;
  } catch {
    return false;
  }
}

/** Kernels round differently by the size of a batch. */
function isClose(one: ModelTensor, other: ModelTensor): boolean {
  if (one.data.length !== other.data.length) return false;
  for (let index = 0; index < one.data.length; index += 1) {
    const [a, b] = [one.data[index], other.data[index]];
    if (a === b || Object.is(a, b)) continue;
    if (typeof a !== 'number' || typeof b !== 'number') return false;
    if (!(Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(a)))) return false;
  }
  return true;
}
