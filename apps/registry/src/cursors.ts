import { decodeCursor, invalidRequest } from '@baton/service';

const MAX_NUMBER = 2_147_483_647;

/** The text that a cursor holds; undefined for the first page. @throws ServiceError 400 when it is none of ours */
export function textCursor(cursor: string | undefined, pattern: RegExp): string | undefined {
  if (cursor === undefined) return undefined;
  const value = decodeCursor(cursor);
  if (typeof value === 'string' && pattern.test(value)) return value;
  throw strangeCursor();
}

/** The number that a cursor holds; undefined for the first page. @throws ServiceError 400 when it is none of ours */
export function numberCursor(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  const value = decodeCursor(cursor);
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= MAX_NUMBER) return value;
  throw strangeCursor();
}

function strangeCursor() {
  return invalidRequest([{ field: 'cursor', message: 'must be the nextCursor of the page before' }]);
}
