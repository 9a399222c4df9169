import type { TensorSignature } from '@baton/contracts';
import { elementCount, type ModelTensor } from '../runtime/tensors.js';
import { invalidField } from './requests.errors.js';
import { fromRaw } from './raw-tensors.js';
import { toData, ValueError } from './tensor-values.js';

/** A tensor as it came in: nothing of it is known to be right. */
export interface GivenTensor {
  readonly name: unknown;
  readonly datatype: unknown;
  readonly shape: unknown;
  /** Values, flat or nested; or their raw bytes. */
  readonly data: unknown;
}

const MAX_ELEMENTS = 256 * 1024 * 1024;

/**
 * Checks the inputs of a request against those of the model, in the model's order.
 * @throws ServiceError 400 naming the input and what is wrong with it
 */
export function decodeInputs(given: readonly GivenTensor[], inputs: readonly TensorSignature[]): ModelTensor[] {
  const byName = new Map<string, GivenTensor>();
  given.forEach((tensor, index) => {
    const { name } = tensor;
    const has = inputs.map((input) => input.name).join(', ');
    if (typeof name !== 'string' || !inputs.some((input) => input.name === name)) {
      throw invalidField(`inputs[${index}].name`, `${quote(name)} is no input of the model: it has ${has}`);
    }
    if (byName.has(name)) throw invalidField(`inputs[${index}].name`, `"${name}" comes twice`);
    byName.set(name, tensor);
  });
  return inputs.map((input) => {
    const tensor = byName.get(input.name);
    if (!tensor) throw invalidField('inputs', `the input "${input.name}" is missing`);
    return decodeTensor(tensor, input);
  });
}

/** @throws ServiceError 400 naming an input with another number of rows than the first */
export function refuseUnequalRows(inputs: readonly ModelTensor[]): void {
  const rows = inputs[0]?.shape[0];
  const other = inputs.find(({ shape }) => shape[0] !== rows);
  if (!other) return;
  throw invalidField(other.name, `it has ${other.shape[0]} rows, and ${String(inputs[0]?.name)} has ${rows}`);
}

function decodeTensor(given: GivenTensor, wanted: TensorSignature): ModelTensor {
  const { name, datatype } = wanted;
  if (given.datatype !== datatype) {
    throw invalidField(name, `its datatype is ${datatype}, not ${quote(given.datatype)}`);
  }
  const shape = checkedShape(name, given.shape, wanted.shape);
  if (Buffer.isBuffer(given.data)) return fromRaw(given.data, shape, wanted);
  if (!Array.isArray(given.data)) throw invalidField(name, 'its data must be a list');
  const values = Array.isArray(given.data[0]) ? flatten(name, given.data, shape) : given.data;
  const count = elementCount(shape);
  if (values.length !== count) {
    throw invalidField(name, `its shape [${shape.join(', ')}] needs ${count} values, and there are ${values.length}`);
  }
  try {
    return { name, datatype, shape, data: toData(datatype, values) };
  } catch (error) {
    if (error instanceof ValueError) throw invalidField(`${name}[${error.index}]`, error.message);
    throw error;
  }
}

/** The sizes, when they fit those of the model, of which -1 is open. */
function checkedShape(name: string, given: unknown, wanted: readonly number[]): number[] {
  const open = `[${wanted.map((size) => (size < 0 ? 'any' : size)).join(', ')}]`;
  if (!isShape(given)) throw invalidField(name, `its shape must be a list of whole numbers from 1 on, as ${open}`);
  const fits = given.length === wanted.length && given.every((size, i) => (wanted[i] ?? 0) < 0 || wanted[i] === size);
  if (!fits) throw invalidField(name, `its shape is ${open}, not [${given.join(', ')}]`);
  if (elementCount(given) > MAX_ELEMENTS) throw invalidField(name, `its shape has more than ${MAX_ELEMENTS} values`);
  return given;
}

function isShape(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && (size as number) >= 1);
}

/** Nested lists, each as long as its dimension. */
function flatten(name: string, data: readonly unknown[], shape: readonly number[]): unknown[] {
  const values: unknown[] = [];
  const walk = (list: unknown, depth: number): void => {
    if (depth === shape.length) {
      values.push(list);
      return;
    }
    if (!Array.isArray(list) || list.length !== shape[depth]) {
      throw invalidField(name, `its data is nested in another way than its shape [${shape.join(', ')}] says`);
    }
    for (const item of list as unknown[]) walk(item, depth + 1);
  };
  walk(data, 0);
  return values;
}

function quote(value: unknown): string {
  return (JSON.stringify(value) ?? 'undefined').slice(0, 60);
}
