import type { Datatype, TensorSignature } from '@baton/contracts';
import { elementCount, makeData, type ModelTensor, type TensorData } from '../runtime/tensors.js';
import { invalidField } from './predictions.errors.js';

/** A tensor as it came in: nothing of it is known to be right. */
export interface GivenTensor {
  readonly name: unknown;
  readonly datatype: unknown;
  readonly shape: unknown;
  readonly data: unknown;
}

const MAX_ELEMENTS = 256 * 1024 * 1024;

const integerRanges: Partial<Record<Datatype, readonly [bigint, bigint]>> = {
  INT8: [-128n, 127n],
  INT16: [-32_768n, 32_767n],
  INT32: [-2_147_483_648n, 2_147_483_647n],
  INT64: [-(2n ** 63n), 2n ** 63n - 1n],
  UINT8: [0n, 255n],
  UINT16: [0n, 65_535n],
  UINT32: [0n, 4_294_967_295n],
  UINT64: [0n, 2n ** 64n - 1n],
};

/**
 * Checks the inputs of a request against those of the model, in the model's order.
 * @throws ServiceError 400 naming the input and what is wrong with it
 */
export function decodeInputs(given: readonly GivenTensor[], inputs: readonly TensorSignature[]): ModelTensor[] {
  const byName = new Map<string, GivenTensor>();
  given.forEach((tensor, index) => {
    const { name } = tensor;
    const known = inputs.find((input) => input.name === name);
    const wanted = inputs.map((input) => input.name).join(', ');
    if (typeof name !== 'string' || !known)
      throw invalidField(`inputs[${index}].name`, `${quote(name)} is no input of the model: it has ${wanted}`);
    if (byName.has(name)) throw invalidField(`inputs[${index}].name`, `"${name}" comes twice`);
    byName.set(name, tensor);
  });
  return inputs.map((input) => {
    const tensor = byName.get(input.name);
    if (!tensor) throw invalidField('inputs', `the input "${input.name}" is missing`);
    return decodeTensor(tensor, input);
  });
}

function decodeTensor(given: GivenTensor, { name, datatype, shape: wanted }: TensorSignature): ModelTensor {
  if (given.datatype !== datatype)
    throw invalidField(name, `its datatype is ${datatype}, not ${quote(given.datatype)}`);
  const shape = checkedShape(name, given.shape, wanted);
  if (!Array.isArray(given.data)) throw invalidField(name, 'its data must be a list');
  const values: unknown[] = Array.isArray(given.data[0]) ? given.data.flat(8) : given.data;
  const count = elementCount(shape);
  if (values.length !== count) {
    throw invalidField(name, `its shape [${shape.join(', ')}] needs ${count} values, and there are ${values.length}`);
  }
  return { name, datatype, shape, data: decodeValues(name, datatype, values) };
}

/** @throws ServiceError 400 when the sizes do not fit those of the model, of which -1 is open */
export function checkedShape(name: string, given: unknown, wanted: readonly number[]): number[] {
  const isShape = (value: unknown): value is number[] =>
    Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && (size as number) >= 0);
  const open = `[${wanted.map((size) => (size < 0 ? 'any' : size)).join(', ')}]`;
  if (!isShape(given)) throw invalidField(name, `its shape must be a list of whole numbers from 0 on, as ${open}`);
  const fits = given.length === wanted.length && given.every((size, i) => (wanted[i] ?? 0) < 0 || wanted[i] === size);
  if (!fits) throw invalidField(name, `its shape is ${open}, not [${given.join(', ')}]`);
  if (elementCount(given) > MAX_ELEMENTS) throw invalidField(name, `it has more than ${MAX_ELEMENTS} values`);
  if (given[0] === 0) throw invalidField(name, 'it has no rows');
  return given;
}

function decodeValues(name: string, datatype: Datatype, values: readonly unknown[]): TensorData {
  const data = makeData(datatype, values.length);
  values.forEach((value, index) => {
    const decoded = decodeValue(datatype, value);
    if (decoded === undefined) throw invalidField(`${name}[${index}]`, `${quote(value)} is no ${describe(datatype)}`);
    (data as unknown[])[index] = decoded;
  });
  return data;
}

/** Undefined for what is no value of the type. */
export function decodeValue(datatype: Datatype, value: unknown): number | bigint | string | undefined {
  if (datatype === 'BYTES') return typeof value === 'string' ? value : undefined;
  if (datatype === 'BOOL') return booleanOf(value);
  const range = integerRanges[datatype];
  if (!range) return typeof value === 'number' && isInRange(datatype, value) ? value : undefined;
  const whole = integerOf(value);
  if (whole === undefined || whole < range[0] || whole > range[1]) return undefined;
  return datatype.endsWith('64') ? whole : Number(whole);
}

/** FP16 comes as raw bytes only, over gRPC. */
function isInRange(datatype: Datatype, value: number): boolean {
  if (!Number.isFinite(value) || datatype === 'FP16') return false;
  return datatype !== 'FP32' || Number.isFinite(Math.fround(value));
}

function booleanOf(value: unknown): number | undefined {
  if (value === true || value === 1) return 1;
  return value === false || value === 0 ? 0 : undefined;
}

function integerOf(value: unknown): bigint | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  return typeof value === 'string' && /^-?\d{1,20}$/.test(value) ? BigInt(value) : undefined;
}

function describe(datatype: Datatype): string {
  if (datatype === 'BYTES') return 'text';
  const range = integerRanges[datatype];
  return range ? `whole number from ${range[0]} to ${range[1]} (${datatype})` : `${datatype} value`;
}

function quote(value: unknown): string {
  return (JSON.stringify(value) ?? 'undefined').slice(0, 60);
}
