import { parse } from 'csv-parse';
import { createReadStream } from 'node:fs';
import { cannotBeStored } from '../storable-text.js';
import { invalidPart } from './versions.errors.js';

/** Enough for every value of a small picture. */
const MAX_COLUMNS = 20_000;
const MAX_RECORD_BYTES = 1024 * 1024;

/**
 * Reads through a reference table: CSV with a header and at least one row, every row as wide as the header.
 * @returns the columns' names
 * @throws ServiceError 422 naming the line
 */
export async function referenceColumns(path: string): Promise<string[]> {
  const parser = createReadStream(path).pipe(
    parse({ bom: true, max_record_size: MAX_RECORD_BYTES, skip_empty_lines: true }),
  );
  let columns: string[] | undefined;
  let rows = 0;
  try {
    for await (const record of parser as AsyncIterable<string[]>) {
      if (columns) rows += 1;
      else columns = checkedHeader(record);
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('CSV_')) {
      throw invalidPart('reference', `it is no CSV table: ${error.message}`);
    }
    throw error;
  }
  if (!columns || rows === 0) throw invalidPart('reference', 'it needs a header and at least one row');
  return columns;
}

function checkedHeader(names: string[]): string[] {
  if (names.length > MAX_COLUMNS) throw invalidPart('reference', `it has more than ${MAX_COLUMNS} columns`);
  if (names.some(cannotBeStored)) throw invalidPart('reference', 'a column has a name with a NUL character');
  const empty = names.findIndex((name) => name.trim() === '');
  if (empty >= 0) throw invalidPart('reference', `column ${empty + 1} has no name`);
  const seen = new Set<string>();
  const twice = names.find((name) => {
    const isKnown = seen.has(name);
    seen.add(name);
    return isKnown;
  });
  if (twice !== undefined) throw invalidPart('reference', `the column "${twice}" is there twice`);
  return names;
}
