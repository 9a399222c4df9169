import { ServiceError } from '@baton/service';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { referenceColumns } from './reference-table.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'baton-reference-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function columnsOf(content: string): Promise<string[]> {
  const path = join(folder, 'reference.csv');
  writeFileSync(path, content);
  return referenceColumns(path);
}

describe('the columns of a reference table', () => {
  it.each([
    ['are those of its header', 'a,b\n1,2\n', ['a', 'b']],
    ['may be quoted', '"a,1","b"\n1,2\n', ['a,1', 'b']],
    ['are the same behind a byte order mark and with other line ends', '\ufeffa,b\r\n1,2\r\n', ['a', 'b']],
    ['need no line end after the last row', 'a\n1', ['a']],
  ])('%s', async (_, content, columns) => {
    expect(await columnsOf(content)).toEqual(columns);
  });

  it.each([
    ['nothing', '', /header and at least one row/],
    ['a header alone', 'a,b\n', /header and at least one row/],
    ['a row that is wider than the header', 'a,b\n1,2\n1,2,3\n', /line 3/],
    ['a quote that never ends', 'a,b\n1,"2\n', /no CSV/],
    ['a column without a name', 'a,,c\n1,2,3\n', /column 2 has no name/],
    ['a name that Postgres cannot store', 'a,b\0\n1,2\n', /NUL/],
    ['a name that comes twice', 'a,b,a\n1,2,3\n', /"a" is there twice/],
    ['more columns than anybody has', `${'a,'.repeat(20_000)}b\n`, /more than 20000 columns/],
    ['a line of megabytes', `a\n${'x'.repeat(2_000_000)}\n`, /no CSV/],
  ])('refuses %s', async (_, content, reason) => {
    const refusal = columnsOf(content);
    await expect(refusal).rejects.toThrow(reason);
    await expect(refusal).rejects.toMatchObject({ status: 422, errors: [{ field: 'reference' }] });
    await expect(refusal).rejects.toBeInstanceOf(ServiceError);
  });
});
