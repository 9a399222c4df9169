import { roles } from '@baton/contracts';
import { expect, it } from 'vitest';
import { rolesWith, type Permission } from './permissions.js';

/** Beside what everybody but a predictor may read. */
const special: [Permission, string][] = [
  ['models:write', 'scientist admin'],
  ['models:approve', 'approver admin'],
  ['aliases:write', 'scientist operator admin'],
  ['keys:manage', 'admin'],
  ['deployments:write', 'operator admin'],
  ['predictions:write', 'scientist operator predictor admin'],
  ['predictions:read', 'scientist operator auditor admin'],
  ['self:read', 'viewer scientist approver operator predictor auditor admin'],
];

it.each(special)('gives %s to %s alone', (permission, having) => {
  expect(roles.filter((role) => rolesWith(permission).includes(role)).join(' ')).toBe(having);
});

const reading: Permission[] = ['models:read', 'artifacts:read', 'endpoints:read', 'windows:read'];
it.each(reading)('gives %s to every role but predictor', (permission) => {
  expect(roles.filter((role) => !rolesWith(permission).includes(role))).toEqual(['predictor']);
});
