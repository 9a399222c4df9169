import { isUtf8 } from 'node:buffer';
import { withoutNotNumbers } from './not-numbers.js';
import { MAX_WIDE_VALUES, refuseManyElements, refuseManyValues } from './reading-limits.js';
import { invalidField } from './requests.errors.js';

/** Longer ones are beyond 64 bits, whatever their digits. */
const LARGE_INTEGER = /(?<![.\d])\d{16,20}(?![\d.eE])/;
const INTEGER = /^-?\d{1,20}$/;

type Reviver = (key: string, value: unknown, context?: { source?: string }) => unknown;

/**
 * A request's JSON. Where 64-bit tensors are named, integers beyond 2^53 come as bigint, exact.
 * @param body as it came
 * @throws ServiceError 400
 */
export function parseJsonBody(body: unknown): unknown {
  const values = Buffer.isBuffer(body) ? refuseManyValues(body) : 0;
  const text = textOf(body);
  const isWide = text.includes('INT64') && LARGE_INTEGER.test(text);
  if (isWide) refuseManyElements('the 64-bit integers', values, MAX_WIDE_VALUES);
  return parse(text, isWide ? keepInteger : undefined);
}

/** @throws ServiceError 400 for nothing, and for what is not UTF-8 */
export function textOf(body: unknown): string {
  if (!Buffer.isBuffer(body) || body.length === 0) throw invalidField('body', 'is empty');
  if (!isUtf8(body)) throw invalidField('body', 'is not UTF-8');
  const text = body.toString('utf8');
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

function parse(text: string, revive: Reviver | undefined): unknown {
  try {
    return JSON.parse(text, revive);
  } catch (error) {
    const quoted = withoutNotNumbers(text);
    if (quoted !== text) {
      try {
        return JSON.parse(quoted, revive);
      } catch {
        // It is no JSON otherwise either.
      }
    }
    throw invalidField('body', `is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const keepInteger: Reviver = (_key, value, context) => {
  const source = context?.source;
  if (typeof value !== 'number' || Number.isSafeInteger(value) || source === undefined) return value;
  return INTEGER.test(source) ? BigInt(source) : value;
};
