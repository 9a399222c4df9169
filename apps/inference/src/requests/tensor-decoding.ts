import type { TensorSignature } from '@baton/contracts';
import { elementCount, type ModelTensor, type TensorData } from '../runtime/tensors.js';
import { quote } from './quoted.js';
import { fromRaw } from './raw-tensors.js';
import { invalidField } from './requests.errors.js';
import { toData, ValueError } from './tensor-values.js';

/** A tensor as it came in: nothing of it is known to be right. */
export interface GivenTensor {
  readonly name: unknown;
  readonly datatype: unknown;
  readonly shape: unknown;
  /** Values, flat or nested; or their raw bytes; or values that are read once the model's input is known. */
  readonly data: unknown;
}

/** Values in a form of a transport's own. */
export abstract class PackedValues {
  /**
   * @param count how many the shape needs
   * @throws ServiceError 400 naming the input
   */
  abstract read(input: TensorSignature, count: number): TensorData;
}

const MAX_ELEMENTS = 256 * 1024 * 1024;

/** Where raw values may be copied to, so that the requests of a batch lie side by side. */
export interface Room {
  /** Undefined when there is none for so many rows of the input. */
  take(input: number, rows: number): Exclude<TensorData, string[]> | undefined;
}

/**
 * Checks the inputs of a request against those of the model, in the model's order.
 * @param room if the requests of this turn run together
 * @throws ServiceError 400 naming the input and what is wrong with it
 */
export function decodeInputs(
  given: readonly GivenTensor[],
  inputs: readonly TensorSignature[],
  room?: Room,
): ModelTensor[] {
  const [only, wanted] = [given[0], inputs[0]];
  if (given.length === 1 && inputs.length === 1 && only && wanted && only.name === wanted.name) {
    return [decodeTensor(only, wanted, room && ((rows) => room.take(0, rows)))];
  }
  const byName = givenByName(given, inputs);
  return inputs.map((input, index) => {
    const tensor = byName.get(input.name);
    if (!tensor) throw invalidField('inputs', `the input "${input.name}" is missing`);
    return decodeTensor(tensor, input, room && ((rows) => room.take(index, rows)));
  });
}

/** @throws ServiceError 400 naming an input with another number of rows than the first */
export function refuseUnequalRows(inputs: readonly ModelTensor[]): void {
  const rows = inputs[0]?.shape[0];
  const other = inputs.find(({ shape }) => shape[0] !== rows);
  if (!other) return;
  throw invalidField(other.name, `it has ${other.shape[0]} rows, and ${String(inputs[0]?.name)} has ${rows}`);
}

function givenByName(given: readonly GivenTensor[], inputs: readonly TensorSignature[]): Map<string, GivenTensor> {
  const known = new Set(inputs.map(({ name }) => name));
  const byName = new Map<string, GivenTensor>();
  given.forEach((tensor, index) => {
    const { name } = tensor;
    if (typeof name !== 'string' || !known.has(name)) {
      const has = [...known].join(', ');
      throw invalidField(`inputs[${index}].name`, `${quote(name)} is no input of the model: it has ${has}`);
    }
    if (byName.has(name)) throw invalidField(`inputs[${index}].name`, `"${name}" comes twice`);
    byName.set(name, tensor);
  });
  return byName;
}

function decodeTensor(
  given: GivenTensor,
  wanted: TensorSignature,
  takeRoom?: (rows: number) => ReturnType<Room['take']>,
): ModelTensor {
  const { name, datatype } = wanted;
  if (given.datatype !== datatype) {
    throw invalidField(name, `its datatype is ${datatype}, not ${quote(given.datatype)}`);
  }
  const shape = checkedShape(name, given.shape, wanted.shape);
  if (Buffer.isBuffer(given.data)) return fromRaw(given.data, shape, wanted, takeRoom);
  const count = elementCount(shape);
  if (given.data instanceof PackedValues) return { name, datatype, shape, data: given.data.read(wanted, count) };
  if (!Array.isArray(given.data)) throw invalidField(name, 'its data must be a list');
  const values = Array.isArray(given.data[0]) ? flatten(name, given.data, shape) : given.data;
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
  if (!isShape(given)) {
    throw invalidField(name, `its shape must be a list of whole numbers from 1 on, as ${opened(wanted)}`);
  }
  const fits = given.length === wanted.length && given.every((size, i) => (wanted[i] ?? 0) < 0 || wanted[i] === size);
  if (!fits) throw invalidField(name, `its shape is ${opened(wanted)}, not ${quote(given)}`);
  if (elementCount(given) > MAX_ELEMENTS) throw invalidField(name, `its shape has more than ${MAX_ELEMENTS} values`);
  return given;
}

function opened(shape: readonly number[]): string {
  return `[${shape.map((size) => (size < 0 ? 'any' : size)).join(', ')}]`;
}

function isShape(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && (size as number) >= 1);
}

/** Nested lists, each as long as its dimension. */
function flatten(name: string, data: readonly unknown[], shape: readonly number[]): unknown[] {
  const values: unknown[] = [];
  const last = shape.length - 1;
  const walk = (list: unknown, depth: number): void => {
    if (!Array.isArray(list) || list.length !== shape[depth]) {
      throw invalidField(name, `its data is nested in another way than its shape [${shape.join(', ')}] says`);
    }
    if (depth < last) for (const item of list as unknown[]) walk(item, depth + 1);
    else for (const item of list as unknown[]) values.push(item);
  };
  walk(data, 0);
  return values;
}
