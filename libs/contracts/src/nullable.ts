import { ValidateIf } from 'class-validator';

const nullableFields = new Map<string, Set<string>>();

/** The field is always there, and null says something: other than `IsOptional`, which also accepts its absence. */
export function IsNullable(): PropertyDecorator {
  return (target, property) => {
    const owner = target.constructor.name;
    nullableFields.set(owner, (nullableFields.get(owner) ?? new Set()).add(String(property)));
    ValidateIf((_payload, value) => value !== null)(target, property);
  };
}

/** Names of the fields of a payload class that may be null. */
export function nullableFieldsOf(className: string): ReadonlySet<string> {
  return nullableFields.get(className) ?? new Set();
}
