import 'reflect-metadata';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { breakingChanges } from './schema-changes.js';
import { eventSchemas, type JsonSchema } from './schemas.js';

/** Writes `schemas/<event type>.json`; refuses a change that would break a reader. */
const folder = new URL('../schemas/', import.meta.url);
mkdirSync(folder, { recursive: true });

const broken: string[] = [];
for (const [type, schema] of Object.entries(eventSchemas())) {
  const file = new URL(`${type}.json`, folder);
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as JsonSchema) : {};
  const problems = Object.keys(before).length > 0 ? breakingChanges(before, schema) : [];
  if (problems.length > 0) broken.push(...problems.map((problem) => `${type} ${problem}`));
  else writeFileSync(file, `${JSON.stringify(schema, null, 2)}\n`);
}
if (broken.length > 0) {
  console.error(`These changes break readers; add a field or a new event instead:\n  ${broken.join('\n  ')}`);
  process.exitCode = 1;
}
