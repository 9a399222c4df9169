import { v7, validate, version } from 'uuid';

/** A new UUIDv7 (RFC 9562): unique, and ordered by the time it was made. */
export function newId(): string {
  return v7();
}

/** True for a UUIDv7 in its canonical text form. */
export function isId(value: string): boolean {
  return validate(value) && version(value) === 7;
}
