import type { Role } from '@baton/contracts';
import { ServiceError } from '@baton/service';
import { rolesWith, type Permission } from './permissions.js';

/** Who is asking. */
export interface Caller {
  readonly keyId: string;
  /** The name its key was given; goes into records as the author of what it does. */
  readonly name: string;
  readonly roles: readonly Role[];
  /** The one project it may see; null for all of them. */
  readonly project: string | null;
  /** The data classes it may send; null for all of them. */
  readonly clearance: readonly string[] | null;
}

export function can(caller: Caller, permission: Permission): boolean {
  const having = rolesWith(permission);
  return caller.roles.some((role) => having.includes(role));
}

/** @throws ServiceError `forbidden` (403), which names the permission and the roles that have it */
export function authorize(caller: Caller, permission: Permission): void {
  if (can(caller, permission)) return;
  const having = rolesWith(permission).join(', ');
  throw new ServiceError('forbidden', `this needs the permission ${permission}, which the roles ${having} have`, {
    status: 403,
  });
}

/** False for another project's object: to this caller it does not exist, so it is answered with 404. */
export function canSee(caller: Caller, project: string): boolean {
  return caller.project === null || caller.project === project;
}

/** The first of the data classes that the caller is not cleared for; undefined when it may send them all. */
export function missingClearance({ clearance }: Caller, classes: Iterable<string>): string | undefined {
  if (clearance === null) return undefined;
  for (const name of classes) {
    if (!clearance.includes(name)) return name;
  }
  return undefined;
}
