import type { Role } from '@baton/contracts';

const everyone = ['viewer', 'scientist', 'approver', 'operator', 'auditor', 'admin'] as const;

/** Who may do what: the roles that have each permission. */
export const permissions = {
  /** To learn who a key is. */
  'self:read': [...everyone, 'predictor'],
  'models:read': everyone,
  'models:write': ['scientist', 'admin'],
  /** To approve and reject versions, of other authors. */
  'models:approve': ['approver', 'admin'],
  'artifacts:read': everyone,
  'aliases:write': ['scientist', 'operator', 'admin'],
  'keys:manage': ['admin'],
  'endpoints:read': everyone,
  'deployments:write': ['operator', 'admin'],
  /** To ask for predictions. */
  'predictions:write': ['predictor', 'scientist', 'operator', 'admin'],
  /** To read what was asked and answered. */
  'predictions:read': ['scientist', 'operator', 'auditor', 'admin'],
  'windows:read': everyone,
} as const satisfies Record<string, readonly Role[]>;

export type Permission = keyof typeof permissions;

/** The roles that have a permission. */
export function rolesWith(permission: Permission): readonly Role[] {
  return permissions[permission];
}
