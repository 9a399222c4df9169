import type { JsonSchema } from './schemas.js';

/**
 * What in `after` would break a reader that was written against `before`: a field that is gone or no longer certain,
 * another type, a value it has never heard of. Fields may be added.
 */
export function breakingChanges(before: JsonSchema, after: JsonSchema, path = '$'): string[] {
  const problems: string[] = [];
  if (String(before.type) !== String(after.type)) {
    problems.push(`${path}: type ${String(before.type)} became ${String(after.type)}`);
  }
  if (before.$ref !== after.$ref) problems.push(`${path}: ${before.$ref} became ${after.$ref}`);
  const added = (after.enum ?? []).filter((value) => before.enum && !before.enum.includes(value));
  if (added.length > 0) problems.push(`${path}: new values ${JSON.stringify(added)}`);
  if (before.enum && !after.enum) problems.push(`${path}: the list of values is gone`);

  for (const [name, schema] of Object.entries(before.properties ?? {})) {
    const now = after.properties?.[name];
    if (!now) problems.push(`${path}.${name}: is gone`);
    else problems.push(...breakingChanges(schema, now, `${path}.${name}`));
  }
  for (const name of before.required ?? []) {
    if (after.properties?.[name] && !after.required?.includes(name))
      problems.push(`${path}.${name}: may be absent now`);
  }
  if (before.items && after.items) problems.push(...breakingChanges(before.items, after.items, `${path}[]`));
  for (const [name, schema] of Object.entries(before.$defs ?? {})) {
    const now = after.$defs?.[name];
    if (now) problems.push(...breakingChanges(schema, now, name));
  }
  return problems;
}
