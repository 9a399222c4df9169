import type { Datatype } from '@baton/contracts';
import { halfToNumber } from '../requests/half.js';
import type { TensorData } from '../runtime/tensors.js';

/** A value as JSON carries it. */
export type JsonValue = number | string | boolean | null;

/** Values as JSON carries them: 64-bit integers beyond 2^53 as text, what is no number as null. */
export function jsonValues(datatype: Datatype, data: TensorData): JsonValue[] {
  if (Array.isArray(data)) return data;
  if (datatype === 'BOOL') return Array.from(data as Uint8Array, (value) => value !== 0);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array)
    return Array.from<bigint, JsonValue>(data, whole);
  // Where the engine has half precision of its own, the runtime may give it.
  if (datatype === 'FP16' && data instanceof Uint16Array) return Array.from(data, (bits) => finite(halfToNumber(bits)));
  return Array.from<number, JsonValue>(data, finite);
}

/** Values from their bytes, which may begin anywhere. */
export function numericData(datatype: Exclude<Datatype, 'BYTES'>, bytes: Uint8Array): Exclude<TensorData, string[]> {
  return makers[datatype](Uint8Array.from(bytes).buffer);
}

const makers: Record<Exclude<Datatype, 'BYTES'>, (bytes: ArrayBuffer) => Exclude<TensorData, string[]>> = {
  BOOL: (bytes) => new Uint8Array(bytes),
  UINT8: (bytes) => new Uint8Array(bytes),
  UINT16: (bytes) => new Uint16Array(bytes),
  UINT32: (bytes) => new Uint32Array(bytes),
  UINT64: (bytes) => new BigUint64Array(bytes),
  INT8: (bytes) => new Int8Array(bytes),
  INT16: (bytes) => new Int16Array(bytes),
  INT32: (bytes) => new Int32Array(bytes),
  INT64: (bytes) => new BigInt64Array(bytes),
  FP16: (bytes) => new Uint16Array(bytes),
  FP32: (bytes) => new Float32Array(bytes),
  FP64: (bytes) => new Float64Array(bytes),
};

function whole(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
