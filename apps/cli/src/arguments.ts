import { roles, type Role } from '@baton/contracts';
import { InvalidArgumentError } from 'commander';

/** A version's number. @throws InvalidArgumentError */
export function versionNumber(text: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(text)) throw new InvalidArgumentError('a version is a whole number from 1 on.');
  return Number(text);
}

/** A number of things or seconds. @throws InvalidArgumentError */
export function positive(text: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(text)) throw new InvalidArgumentError('a whole number from 1 on is expected.');
  return Number(text);
}

/** Adds a role to those named before. @throws InvalidArgumentError naming the roles there are */
export function role(text: string, before: Role[] = []): Role[] {
  const known = roles.find((name) => name === text);
  if (!known) throw new InvalidArgumentError(`the roles are ${roles.join(', ')}.`);
  return [...before, known];
}
