import type { Row } from './bench-case.js';

const columns: readonly [string, (row: Row) => string][] = [
  ['id', ({ id }) => id],
  ['what', ({ what }) => what],
  ['Baton', ({ baton }) => baton],
  ['compared with', ({ peer }) => peer],
  ['ratio (min–max)', ({ ratio }) => ratio],
  ['goal', ({ goal }) => goal],
  ['reached?', ({ isReached }) => (isReached === undefined ? '' : verdict(isReached))],
];

/** The rows as a table in Markdown. */
export function tableOf(rows: readonly Row[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const titles = line(columns.map(([title]) => title));
  const rule = line(columns.map(() => '---'));
  return [titles, rule, ...rows.map((row) => line(columns.map(([, text]) => text(row))))].join('\n');
}

function verdict(isReached: boolean): string {
  return isReached ? 'yes' : '**no**';
}
