import type { TensorSignature } from '@baton/contracts';
import { elementCount, makeData, type ModelTensor } from './tensors.js';

const TEXTS = ['', 'a', 'b'];

/** Inputs with rows that differ from each other, for trying a model; dimensions that are open beyond the rows are 1. */
export function sampleRows(inputs: readonly TensorSignature[], rows: number): ModelTensor[] {
  return inputs.map(({ name, datatype, shape }) => {
    const sizes = shape.map((size, index) => {
      if (size >= 0) return size;
      return index === 0 ? rows : 1;
    });
    const data = makeData(datatype, elementCount(sizes));
    const perRow = elementCount(sizes.slice(1));
    for (let index = 0; index < data.length; index += 1) {
      // Small whole numbers are good for every datatype, for indices and for categories.
      const value = (Math.floor(index / perRow) + (index % perRow)) % TEXTS.length;
      if (Array.isArray(data)) data[index] = TEXTS[value] ?? '';
      else if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[index] = BigInt(value % 2);
      else data[index] = datatype === 'FP32' || datatype === 'FP64' ? value - 0.5 : value % 2;
    }
    return { name, datatype, shape: sizes, data };
  });
}
