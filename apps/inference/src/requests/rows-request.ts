import { CsvError, parse } from 'csv-parse/sync';
import { parseJsonBody, textOf } from './json-body.js';
import { refuseLargeTable } from './reading-limits.js';
import { invalidField } from './requests.errors.js';
import type { NamedRows, Row } from './rows.js';

export interface RowsRequest extends NamedRows {
  readonly eventTime?: unknown;
}

/**
 * Rows from a request's body: CSV with a header, a JSON list of rows, or `{rows, eventTime?}`.
 * @throws ServiceError 400
 */
export function readRows(body: unknown, contentType = ''): RowsRequest {
  if (!/^\s*text\/csv\b/i.test(contentType)) return fromJson(parseJsonBody(body));
  refuseLargeTable(body);
  return fromCsv(textOf(body));
}

function fromJson(body: unknown): RowsRequest {
  const isObject = typeof body === 'object' && body !== null;
  const { rows, eventTime } = (Array.isArray(body) || !isObject ? { rows: body } : body) as Record<string, unknown>;
  const isRow = (row: unknown) => typeof row === 'object' && row !== null && !Array.isArray(row);
  if (!Array.isArray(rows) || !rows.every(isRow)) {
    throw invalidField('rows', 'must be a list of objects, one for each row, by feature name');
  }
  return { rows: rows as Row[], areText: false, ...(eventTime === undefined ? {} : { eventTime }) };
}

function fromCsv(text: string): RowsRequest {
  try {
    return { rows: parse(text, { columns: refuseTwice, skip_empty_lines: true, trim: true }), areText: true };
  } catch (error) {
    if (error instanceof CsvError) throw invalidField('body', `is no CSV table: ${error.message}`);
    throw error;
  }
}

function refuseTwice(header: string[]): string[] {
  const seen = new Set<string>();
  const twice = header.find((name) => seen.size === seen.add(name).size);
  if (twice !== undefined) throw invalidField(twice, 'is the name of two columns');
  return header;
}
