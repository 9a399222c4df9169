import { createAccessKey } from '@baton/access';
import { describe, expect, it } from 'vitest';
import { readBootstrapKeys } from './key-bootstrap.js';

const { key } = createAccessKey({ name: 'ann', roles: ['admin'] });
const entry = { key, name: 'ann', roles: ['admin'] };

describe('the bootstrap key file', () => {
  it('holds keys, for all projects and data classes unless it says otherwise', () => {
    const limits = { project: 'red', clearance: [] };
    const keys = readBootstrapKeys(JSON.stringify([entry, { ...entry, ...limits }]));
    expect(keys).toEqual([
      { ...entry, project: null },
      { ...entry, ...limits },
    ]);
  });

  it.each([
    ['an object', { ...entry }, /no JSON array/],
    ['a key of another form', [{ ...entry, key: 'secret' }], /entry 1/],
    ['a key without a name', [entry, { ...entry, name: undefined }], /entry 2/],
    ['a key without roles', [{ ...entry, roles: [] }], /entry 1/],
    ['a role that does not exist', [{ ...entry, roles: ['king'] }], /entry 1/],
    ['a project that is no name', [{ ...entry, project: 'Red Project' }], /entry 1/],
    ['a clearance that is no list', [{ ...entry, clearance: 'personal' }], /entry 1/],
    ['a data class that is no name', [{ ...entry, clearance: ['Very Secret'] }], /entry 1/],
    ['null for the clearance', [{ ...entry, clearance: null }], /entry 1/],
    ['null', [null], /entry 1/],
  ])('refuses %s, and never shows a key', (_, content, reason) => {
    const read = () => readBootstrapKeys(JSON.stringify(content));
    expect(read).toThrow(reason);
    expect(read).not.toThrow(key);
  });

  it('is not quoted when it is no JSON', () => {
    expect(() => readBootstrapKeys(`[{"key": ${key}}]`)).toThrow(/^the bootstrap key file is no JSON array$/);
  });
});
