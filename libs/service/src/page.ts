import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import { invalidRequest } from './request-validation.js';

/** Query of every list: how many, and from where on. */
export class PageQuery {
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(500)
  limit = 50;

  /** `nextCursor` of the page before. */
  @IsOptional()
  @IsString()
  @Length(1, 512)
  cursor?: string;
}

/** A page of a list; without `nextCursor` it is the last one. */
export interface Page<T> {
  readonly items: T[];
  readonly nextCursor?: string;
}

/**
 * Makes a page of rows that were read with one more than `limit`.
 * @param cursorOf what identifies a row in the list's order
 */
export function page<Row, Item = Row>(
  rows: readonly Row[],
  limit: number,
  cursorOf: (row: Row) => string | number,
  toItem: (row: Row) => Item = (row) => row as unknown as Item,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { items: shown.map(toItem), ...(more ? { nextCursor: encodeCursor(cursorOf(last)) } : {}) };
}

export function encodeCursor(value: string | number): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** @throws ServiceError 400 naming `cursor` when it is not one of ours */
export function decodeCursor(cursor: string): string | number {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (typeof value === 'string' || typeof value === 'number') return value;
  } catch {
    // Falls through: whatever it was, it is no cursor.
  }
  throw invalidRequest([{ field: 'cursor', message: 'must be the nextCursor of the page before' }]);
}
