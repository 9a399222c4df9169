import { MAX_DATA_CLASSES, NAME_PATTERN } from '@baton/contracts';
import { buildMessage, ValidateBy } from 'class-validator';

const MAX_FEATURES = 10_000;
const MAX_NAME = 256;

/** An object from feature names to the names of their data classes. */
export function isDataClasses(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const features = Object.keys(value);
  const classes: unknown[] = Object.values(value);
  return (
    features.length <= MAX_FEATURES &&
    features.every((name) => name.length > 0 && name.length <= MAX_NAME) &&
    classes.every((name) => typeof name === 'string' && NAME_PATTERN.test(name)) &&
    new Set(classes).size <= MAX_DATA_CLASSES
  );
}

export function AreDataClasses(): PropertyDecorator {
  const message = buildMessage(
    (each) =>
      `${each}$property must give each feature the name of a data class, of a-z, 0-9, _, . and -: ` +
      `at most ${MAX_DATA_CLASSES} classes`,
  );
  return ValidateBy({ name: 'areDataClasses', validator: { validate: isDataClasses, defaultMessage: message } });
}
