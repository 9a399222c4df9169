import type { Role } from '@baton/contracts';
import { describe, expect, it } from 'vitest';
import { authorize, can, canSee, missingClearance, type Caller } from './caller.js';

function caller(roles: Role[], project: string | null = null): Caller {
  return { keyId: 'id', name: 'Ada', roles, project, clearance: null };
}

describe('authorize', () => {
  it('lets in whoever has the permission by any of the roles', () => {
    expect(() => authorize(caller(['viewer', 'approver']), 'models:approve')).not.toThrow();
    expect(can(caller(['viewer', 'approver']), 'models:approve')).toBe(true);
  });

  it('names the permission and the roles that have it', () => {
    expect(() => authorize(caller(['scientist']), 'models:approve')).toThrow(
      expect.objectContaining({
        code: 'forbidden',
        status: 403,
        message: 'this needs the permission models:approve, which the roles approver, admin have',
      }),
    );
  });

  it('lets in nobody without a role', () => {
    expect(can(caller([]), 'self:read')).toBe(false);
  });
});

describe('canSee', () => {
  it.each([
    [null, 'rain', true],
    ['rain', 'rain', true],
    ['rain', 'snow', false],
  ])('of a key for the project %s and an object of %s is %s', (own, other, sees) => {
    expect(canSee(caller(['admin'], own), other)).toBe(sees);
  });
});

describe('missingClearance', () => {
  it.each<[string[] | null, string[], string | undefined]>([
    [null, ['personal', 'financial'], undefined],
    [['personal'], [], undefined],
    [['personal'], ['personal', 'personal'], undefined],
    [['personal'], ['personal', 'financial', 'medical'], 'financial'],
    [[], ['personal'], 'personal'],
    [[], [], undefined],
    [['person'], ['personal'], 'personal'],
  ])('of a caller cleared for %j who sends %j is %s', (clearance, classes, missing) => {
    expect(missingClearance({ ...caller(['predictor']), clearance }, new Set(classes))).toBe(missing);
  });
});
