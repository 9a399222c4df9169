import type { TensorSignature } from '@baton/contracts';
import { elementCount, type ModelTensor } from '../runtime/tensors.js';
import { halfToNumber } from './half.js';

/** Digits behind the point of a class's value: as Triton writes them. */
const DIGITS = 6;
/** Up to so many classes are kept in order while a row is read; for more, the whole row is sorted. */
const FEW = 32;

/**
 * The classes of greatest value of a tensor, as texts `value:index` (the classification extension of Triton). Where the
 * signature's first dimension is open it counts the rows, and each has its own classes.
 * @param count of classes wanted; a row that has fewer gives all
 */
export function topClasses(tensor: ModelTensor, { shape: declared }: TensorSignature, count: number): ModelTensor {
  const hasRows = declared[0] === -1;
  const rows = hasRows ? (tensor.shape[0] ?? 1) : 1;
  const width = elementCount(hasRows ? tensor.shape.slice(1) : tensor.shape);
  const kept = Math.min(count, width);
  const numbers = numbersOf(tensor);
  const texts: string[] = [];
  for (let row = 0; row < rows; row += 1) {
    const values = numbers.slice(row * width, (row + 1) * width);
    for (const index of greatest(values, kept)) {
      texts.push(`${written(tensor, row * width + index, values[index])}:${index}`);
    }
  }
  return { name: tensor.name, datatype: 'BYTES', shape: hasRows ? [rows, kept] : [kept], data: texts };
}

/** What the values are compared by. What is no number is no class's value: it comes last. */
function numbersOf({ datatype, data }: ModelTensor): Float64Array {
  const toNumber = datatype === 'FP16' ? halfToNumber : Number;
  return Float64Array.from<number | bigint | string>(data, (value) => {
    const number = toNumber(Number(value));
    return Number.isNaN(number) ? -Infinity : number;
  });
}

/** Where the greatest values are, greatest first; of equal ones the first. */
function greatest(values: Float64Array, count: number): number[] {
  const at = (index: number | undefined) => values[index ?? 0] ?? 0;
  if (count > FEW) {
    const order = Array.from(values.keys());
    return order.sort((a, b) => (at(a) === at(b) ? a - b : at(b) - at(a))).slice(0, count);
  }
  const best: number[] = [];
  for (let index = 0; index < values.length; index += 1) {
    if (best.length === count && !(at(index) > at(best[count - 1]))) continue;
    let place = best.length;
    while (place > 0 && at(index) > at(best[place - 1])) place -= 1;
    best.splice(place, 0, index);
    if (best.length > count) best.pop();
  }
  return best;
}

function written({ datatype, data }: ModelTensor, index: number, number = 0): string {
  return datatype.startsWith('FP') ? number.toFixed(DIGITS) : String(data[index]);
}
