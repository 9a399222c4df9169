import { loggingPolicies } from '@baton/contracts';
import { buildMessage, ValidateBy } from 'class-validator';

const MAX_FEATURES = 10_000;
const MAX_NAME = 256;

/** An object from feature names to logging policies. */
export function isLoggingPolicies(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  const known: readonly unknown[] = loggingPolicies;
  return (
    entries.length <= MAX_FEATURES &&
    entries.every(([name, policy]) => name.length > 0 && name.length <= MAX_NAME && known.includes(policy))
  );
}

export function AreLoggingPolicies(): PropertyDecorator {
  const message = buildMessage(
    (each) => `${each}$property must give each feature one of: ${loggingPolicies.join(', ')}`,
  );
  return ValidateBy({
    name: 'areLoggingPolicies',
    validator: { validate: isLoggingPolicies, defaultMessage: message },
  });
}
