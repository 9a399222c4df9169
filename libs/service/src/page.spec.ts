import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor, page, PageQuery } from './page.js';
import { ServiceError } from './service-error.js';

const rows = Array.from({ length: 7 }, (_, id) => ({ id: `r${id}` }));

describe('a page', () => {
  it.each([
    ['more rows than asked for', 6, 6, 'r5'],
    ['exactly as many', 7, 7, undefined],
    ['fewer', 10, 7, undefined],
    ['none', 0, 0, undefined],
  ])('of %s knows whether it is the last', (_, limit, shown, last) => {
    const { items, nextCursor } = page(rows, limit, (row) => row.id);
    expect(items).toHaveLength(shown);
    expect(nextCursor && decodeCursor(nextCursor)).toBe(last);
  });

  it('shows rows as the caller wants them', () => {
    expect(
      page(
        rows,
        2,
        (row) => row.id,
        ({ id }) => id.toUpperCase(),
      ).items,
    ).toEqual(['R0', 'R1']);
  });
});

describe('a cursor', () => {
  it.each(['r5', 'ü/+=', 42, -1.5])('brings %s back', (value) => {
    const cursor = encodeCursor(value);
    expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(decodeCursor(cursor)).toBe(value);
  });

  it.each(['rubbish', '', encodeCursor('x').slice(1), Buffer.from('{"a":1}').toString('base64url'), 'bnVsbA'])(
    'of another make (%s) is refused by name',
    (cursor) => {
      const decode = () => decodeCursor(cursor);
      expect(decode).toThrow(ServiceError);
      expect(decode).toThrow(
        expect.objectContaining({ status: 400, errors: [expect.objectContaining({ field: 'cursor' })] }),
      );
    },
  );
});

describe('the query of a list', () => {
  it.each([
    [{}, []],
    [{ limit: '500', cursor: 'abc' }, []],
    [{ limit: '0' }, ['limit']],
    [{ limit: '501' }, ['limit']],
    [{ limit: 'many' }, ['limit']],
    [{ cursor: 'x'.repeat(513) }, ['cursor']],
  ])('%j has wrong fields %j', (query, wrong) => {
    expect(validateSync(plainToInstance(PageQuery, query)).map(({ property }) => property)).toEqual(wrong);
  });
});
