import type { Datatype } from '@baton/contracts';
import { makeData, type TensorData } from '../runtime/tensors.js';
import { numberToHalf } from './half.js';
import { quote } from './quoted.js';

const wholeNumbers: Partial<Record<Datatype, readonly [number, number]>> = {
  INT8: [-128, 127],
  INT16: [-32_768, 32_767],
  INT32: [-2_147_483_648, 2_147_483_647],
  UINT8: [0, 255],
  UINT16: [0, 65_535],
  UINT32: [0, 4_294_967_295],
};

const wideNumbers: Partial<Record<Datatype, readonly [bigint, bigint]>> = {
  INT64: [-(2n ** 63n), 2n ** 63n - 1n],
  UINT64: [0n, 2n ** 64n - 1n],
};

/** The exponent of halves that are no finite numbers. */
const INFINITE_HALF = 0x7c00;

/** Thrown for a value that is none of the datatype. */
export class ValueError extends Error {
  override readonly name = 'ValueError';

  constructor(
    readonly index: number,
    value: unknown,
    datatype: Datatype,
  ) {
    super(`${quote(value)} is no ${describe(datatype)}`);
  }
}

/** Values as JSON or gRPC has them, as the datatype wants them. @throws ValueError */
export function toData(datatype: Datatype, values: readonly unknown[]): TensorData {
  const data = makeData(datatype, values.length);
  if (data instanceof Float32Array || data instanceof Float64Array) return fillFloats(data, values, datatype);
  values.forEach((value, index) => {
    const decoded = toValue(datatype, value);
    if (decoded === undefined) throw new ValueError(index, value, datatype);
    (data as unknown[])[index] = decoded;
  });
  return data;
}

/** One value as an element of the datatype (of FP16 its bits); undefined for what is none. Missing values are none. */
export function toValue(datatype: Datatype, value: unknown): number | bigint | string | undefined {
  if (datatype === 'BYTES') return typeof value === 'string' ? value : undefined;
  if (datatype === 'BOOL') return typeof value === 'boolean' ? Number(value) : undefined;
  if (datatype === 'FP16') return toHalf(value);
  const [least, greatest] = wholeNumbers[datatype] ?? [];
  if (least !== undefined && greatest !== undefined) {
    return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= greatest
      ? value
      : undefined;
  }
  const range = wideNumbers[datatype];
  if (range) return toWide(value, range);
  return typeof value === 'number' && isInRange(datatype, value) ? value : undefined;
}

/** In the array of the datatype a number beyond its range becomes infinite. */
function fillFloats(data: Float32Array | Float64Array, values: readonly unknown[], datatype: Datatype): TensorData {
  for (let index = 0; index < data.length; index += 1) {
    const value = values[index];
    const number = typeof value === 'bigint' ? Number(value) : value;
    if (typeof number !== 'number') throw new ValueError(index, value, datatype);
    data[index] = number;
    if (!Number.isFinite(data[index])) throw new ValueError(index, value, datatype);
  }
  return data;
}

function toWide(value: unknown, [least, greatest]: readonly [bigint, bigint]): bigint | undefined {
  // Beyond 2^53 a number is not the one that was written.
  const whole = typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
  return typeof whole === 'bigint' && whole >= least && whole <= greatest ? whole : undefined;
}

function toHalf(value: unknown): number | undefined {
  if (typeof value !== 'number') return undefined;
  const bits = numberToHalf(value);
  return (bits & INFINITE_HALF) === INFINITE_HALF ? undefined : bits;
}

function isInRange(datatype: Datatype, value: number): boolean {
  return Number.isFinite(datatype === 'FP32' ? Math.fround(value) : value);
}

function describe(datatype: Datatype): string {
  if (datatype === 'BYTES') return 'text';
  if (datatype === 'BOOL') return 'true or false';
  const [least, greatest] = wholeNumbers[datatype] ?? wideNumbers[datatype] ?? [];
  return least === undefined ? `${datatype} number` : `whole number from ${least} to ${greatest} (${datatype})`;
}
