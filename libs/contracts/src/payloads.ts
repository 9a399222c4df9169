import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { definitionOf, type EventPayload, type EventType } from './catalogue.js';

/** Thrown when a payload does not fit the catalogue; `problems` name the fields. */
export class InvalidPayloadError extends Error {
  override readonly name = 'InvalidPayloadError';

  constructor(
    readonly type: EventType,
    readonly problems: readonly string[],
  ) {
    super(`${type}: ${problems.join('; ')}`);
  }
}

/**
 * Checks a payload and returns it as an instance of its class. Fields the class does not know are kept: a newer
 * writer may say more.
 * @throws InvalidPayloadError
 */
export function parsePayload<T extends EventType>(type: T, value: unknown): EventPayload<T> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidPayloadError(type, ['the payload is not an object']);
  }
  const payload = plainToInstance(definitionOf(type).payload, value);
  const problems = validateSync(payload, { forbidUnknownValues: true }).flatMap((error) => describe(error, ''));
  if (problems.length > 0) throw new InvalidPayloadError(type, problems);
  return payload;
}

function describe(error: ValidationError, prefix: string): string[] {
  const path = prefix ? `${prefix}.${error.property}` : error.property;
  const own = Object.values(error.constraints ?? {}).map((text) => `${path}: ${text}`);
  return [...own, ...(error.children ?? []).flatMap((child) => describe(child, path))];
}
