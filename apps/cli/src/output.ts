import Table from 'cli-table3';

/** A value as a table shows it. */
export type Cell = string | number | boolean | null | undefined;

/** Prints one object for programs, or lines for people. */
export function print(value: unknown, options: { json?: boolean }, people: () => string): void {
  process.stdout.write(`${options.json ? JSON.stringify(value, null, 2) : people()}\n`);
}

/** A table without lines inside: header, then rows. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  if (rows.length === 0) return '(none)';
  const view = new Table({ head: [...head], style: { head: [], border: [], compact: true } });
  view.push(...rows.map((row) => row.map((cell) => (cell === null || cell === undefined ? '' : String(cell)))));
  return view.toString();
}

/** Two columns: what it is, and its value; absent values are left out. */
export function facts(rows: readonly (readonly [string, Cell])[]): string {
  const known = rows.filter(([, value]) => value !== undefined && value !== null && value !== '');
  const width = Math.max(...known.map(([name]) => name.length)) + 2;
  return known.map(([name, value]) => `${name.padEnd(width)}${String(value)}`).join('\n');
}

/** A line for a person who waits; goes to stderr, so that `--json` stays clean. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** The first characters of a digest: enough to tell two apart. */
export function short(digest: string): string {
  return digest.slice(0, 12);
}
