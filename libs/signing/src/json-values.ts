import { SignatureError } from './signature-error.js';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Parses JSON of at most `maxBytes`. @throws SignatureError `malformed` */
export function parseJson(text: string | Buffer, where: string, maxBytes: number): unknown {
  if (text.length > maxBytes) throw new SignatureError('malformed', `${where} is longer than ${maxBytes} bytes`);
  try {
    return JSON.parse(text.toString());
  } catch (cause) {
    throw new SignatureError('malformed', `${where} is not JSON`, { cause });
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws SignatureError `malformed` when the value is not an object */
export function toObject(value: unknown, where: string): JsonObject {
  if (!isObject(value)) throw new SignatureError('malformed', `${where} is not an object`);
  return value;
}

/** @throws SignatureError `malformed` when the value is not a string of 1 to `maxLength` characters */
export function toText(value: unknown, where: string, maxLength = 1024): string {
  if (typeof value !== 'string' || value.length === 0 || value.length > maxLength) {
    throw new SignatureError('malformed', `${where} is not a text of 1 to ${maxLength} characters`);
  }
  return value;
}

/** @throws SignatureError `malformed` when the value is not an array of `min` to `max` items */
export function toList(value: unknown, where: string, [min, max]: readonly [number, number]): readonly unknown[] {
  if (!Array.isArray(value) || value.length < min || value.length > max) {
    throw new SignatureError('malformed', `${where} is not a list of ${min} to ${max} items`);
  }
  return value;
}

/** @throws SignatureError `malformed` when the object has a field that is not among the known ones */
export function refuseOtherFields(object: JsonObject, known: readonly string[], where: string): void {
  const other = Object.keys(object).find((field) => !known.includes(field));
  if (other !== undefined) throw new SignatureError('malformed', `${where} has the unknown field ${other}`);
}
