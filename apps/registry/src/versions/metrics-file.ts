import { readFile } from 'node:fs/promises';
import { cannotBeStored } from '../storable-text.js';
import { invalidPart } from './versions.errors.js';

const MAX_METRICS = 500;
const MAX_NAME = 200;

/** Reads the metrics of a push: an object of finite numbers. @throws ServiceError 422 naming the metric */
export async function readMetrics(path: string): Promise<Record<string, number>> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch {
    throw invalidPart('metrics', 'it is no JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidPart('metrics', 'it must be a JSON object of numbers');
  }
  const entries = Object.entries(value as Record<string, unknown>);
  if (entries.length > MAX_METRICS) throw invalidPart('metrics', `it has more than ${MAX_METRICS} metrics`);
  for (const [name, metric] of entries) {
    if (cannotBeStored(name)) throw invalidPart('metrics', 'a name has a NUL character');
    if (name.length > MAX_NAME) throw invalidPart('metrics', `a name is longer than ${MAX_NAME} characters`);
    if (typeof metric !== 'number' || !Number.isFinite(metric))
      throw invalidPart('metrics', `"${name}" is not a finite number`);
  }
  return Object.fromEntries(entries) as Record<string, number>;
}
