import { ServiceError } from '@baton/service';

/** Values that are read one by one, on the loop that serves everybody: so many take about a tenth of a second. */
export const MAX_VALUES = 250_000;
/** Texts that come as bytes: each is looked at, and made. */
export const MAX_TEXTS = 100_000;
/** 64-bit integers in JSON, for which something is called with each value. */
export const MAX_WIDE_VALUES = 50_000;
/** Of a table in CSV, whose reader looks at every byte. */
export const MAX_CSV_BYTES = 256 * 1024;

const [COMMA, COLON, OPEN_LIST, OPEN] = [0x2c, 0x3a, 0x5b, 0x7b];

/** How many values JSON has, as far as that may be too many: counted before they are read. @throws ServiceError 413 */
export function refuseManyValues(body: Buffer): number {
  if (body.length <= MAX_WIDE_VALUES) return 0;
  let values = 0;
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at];
    if (byte === COMMA || byte === COLON || byte === OPEN_LIST || byte === OPEN) values += 1;
    if (values > MAX_VALUES) throw tooMuch(`the body has more than ${MAX_VALUES} values`);
  }
  return values;
}

/** @throws ServiceError 413 naming the input */
export function refuseManyElements(name: string, count: number, most = MAX_VALUES): void {
  if (count > most) throw tooMuch(`${name}: there are more than ${most} values`);
}

/** @throws ServiceError 413 */
export function refuseLargeTable(body: unknown): void {
  if (Buffer.isBuffer(body) && body.length > MAX_CSV_BYTES) throw tooMuch(`a table has ${MAX_CSV_BYTES} bytes at most`);
}

/** @throws ServiceError 413 for an output that would take as long to write as JSON */
export function refuseLargeOutput(count: number): void {
  if (count <= MAX_VALUES) return;
  const detail = `an output has more than ${MAX_VALUES} values, too many for JSON: ask for binary outputs, or with fewer rows`;
  throw new ServiceError('too-large', detail, { status: 413 });
}

function tooMuch(what: string): ServiceError {
  return new ServiceError('too-large', `${what}: send fewer rows at a time, or numbers as raw bytes`, { status: 413 });
}
