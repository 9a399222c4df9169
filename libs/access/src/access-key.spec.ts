import { parsePayload } from '@baton/contracts';
import { describe, expect, it } from 'vitest';
import { createAccessKey, hashSecret, parseAccessKey } from './access-key.js';

const { key, record } = createAccessKey({ name: 'Ada', roles: ['scientist'] });

describe('a new access key', () => {
  it('has an id and 32 random bytes', () => {
    expect(key).toMatch(/^baton_[0-9a-z]{16}_[A-Za-z0-9_-]{43}$/);
    expect(createAccessKey({ name: 'Ada', roles: ['scientist'] }).key).not.toBe(key);
  });

  it('has a record that can be published and does not hold the secret', () => {
    expect(() => parsePayload('access.key', record)).not.toThrow();
    const { secret = '' } = parseAccessKey(key) ?? {};
    expect(record.hash).toBe(hashSecret(secret));
    expect(JSON.stringify(record)).not.toContain(secret);
  });

  it('is for all projects and for ever unless said', () => {
    expect(record).toMatchObject({ project: null, expiresAt: null });
    const limited = { name: 'Ada', roles: [], project: 'rain', expiresAt: '2027-01-01T00:00:00Z' };
    expect(createAccessKey(limited).record).toMatchObject({ project: 'rain', expiresAt: '2027-01-01T00:00:00Z' });
  });

  it.each([[[]], [['personal']]])('says in its record that it is cleared for %j', (clearance) => {
    const { record: limited } = createAccessKey({ name: 'Ada', roles: ['predictor'], clearance });
    expect(parsePayload('access.key', limited).clearance).toEqual(clearance);
  });

  it.each([undefined, null])('has a record that says nothing of its clearance when that is %s', (clearance) => {
    expect(createAccessKey({ name: 'Ada', roles: [], clearance }).record).not.toHaveProperty('clearance');
  });

  it('has no clearance whose name is none', () => {
    const { record: wrong } = createAccessKey({ name: 'Ada', roles: [], clearance: ['Very Secret'] });
    expect(() => parsePayload('access.key', wrong)).toThrow('clearance');
  });
});

it('hashes a secret with SHA-256', () => {
  expect(hashSecret('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

describe('parseAccessKey', () => {
  const secret = `${'a'.repeat(41)}_-`;

  it('splits at the first underscore after the id, since a secret may have some', () => {
    expect(parseAccessKey(`baton_0123456789abcdef_${secret}`)).toEqual({ id: '0123456789abcdef', secret });
  });

  it.each([
    ['nothing', ''],
    ['another prefix', `github_0123456789abcdef_${secret}`],
    ['capitals in the id', `baton_0123456789ABCDEF_${secret}`],
    ['a short secret', `baton_0123456789abcdef_${secret.slice(1)}`],
    ['something behind it', `baton_0123456789abcdef_${secret}\n`],
    ['a path for an id', `baton_../../etc/pass_${secret}`],
  ])('takes %s for no key', (_, text) => expect(parseAccessKey(text)).toBeUndefined());
});
