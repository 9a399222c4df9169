import { beforeEach, describe, expect, it } from 'vitest';
import { createAccessKey } from './access-key.js';
import { KeyRing } from './key-ring.js';

const EXPIRES = '2027-01-01T00:00:00.000Z';
const { key, record } = createAccessKey({ name: 'Ada', roles: ['scientist'], project: 'rain', expiresAt: EXPIRES });
const other = createAccessKey({ name: 'Bob', roles: ['viewer'] });
const before = Date.parse(EXPIRES) - 1;

let ring: KeyRing;
beforeEach(() => {
  ring = new KeyRing();
  ring.put(record);
});

const refusal = (message: string): unknown =>
  expect.objectContaining({
    code: 'unauthenticated',
    status: 401,
    message: expect.stringContaining(message) as string,
  });

describe('a key ring', () => {
  it('knows whose key it is', () => {
    expect(ring.authenticate(key, before)).toEqual({
      keyId: record.id,
      name: 'Ada',
      roles: ['scientist'],
      project: 'rain',
      clearance: null,
    });
  });

  it.each([
    [undefined, null],
    [null, null],
    [[], []],
    [['personal'], ['personal']],
  ])('knows of a key with the clearance %j what it is cleared for', (clearance, cleared) => {
    ring.put({ ...record, clearance });
    expect(ring.authenticate(key, before).clearance).toEqual(cleared);
  });

  it.each([
    ['no key', undefined, 'is needed'],
    ['no text', '', 'not valid'],
    ['something else', 'hunter2', 'not valid'],
    ['a key it does not have', other.key, 'not valid'],
    ['the secret of another key', `${key.slice(0, -8)}AAAAAAAA`, 'not valid'],
    ['a key with the hash for a secret', `baton_${record.id}_${record.hash.slice(0, 43)}`, 'not valid'],
  ])('refuses %s', (_, presented, message) => {
    expect(() => ring.authenticate(presented, before)).toThrow(refusal(message));
  });

  it('says nothing of the presented key when it refuses it', () => {
    expect(() => ring.authenticate(other.key)).not.toThrow(other.record.id);
  });

  it('refuses a key from the moment it expires', () => {
    expect(() => ring.authenticate(key, before + 1)).toThrow(refusal(`expired at ${EXPIRES}`));
    ring.put({ ...record, expiresAt: 'no time' });
    expect(() => ring.authenticate(key, before)).toThrow(refusal('expired'));
    ring.put({ ...record, expiresAt: null });
    expect(ring.authenticate(key, Number.MAX_SAFE_INTEGER).name).toBe('Ada');
  });

  it('takes what was put last', () => {
    ring.put({ ...record, roles: ['viewer'] });
    expect(ring.authenticate(key, before).roles).toEqual(['viewer']);
    expect(ring.records()).toHaveLength(1);
  });

  it('does not let a caller give itself roles', () => {
    const caller = ring.authenticate(key, before);
    expect(() => (caller.roles as string[]).push('admin')).toThrow(TypeError);
  });

  it('does not let a caller clear itself', () => {
    ring.put({ ...record, clearance: [] });
    const caller = ring.authenticate(key, before);
    expect(() => (caller.clearance as string[]).push('personal')).toThrow(TypeError);
  });
});

describe('a removed key', () => {
  beforeEach(() => ring.remove(record.id));

  it('is refused at once', () => {
    expect(() => ring.authenticate(key, before)).toThrow(refusal('not valid'));
    expect(ring.records()).toEqual([]);
  });

  it('does not come back with the record it had', () => {
    ring.put(record);
    expect(() => ring.authenticate(key, before)).toThrow(refusal('not valid'));
  });

  it('comes back when it was made again since', () => {
    ring.put({ ...record, createdAt: new Date(Date.parse(record.createdAt) + 1).toISOString() });
    expect(ring.authenticate(key, before).name).toBe('Ada');
  });

  it('may be removed before it was known', () => {
    ring.remove(other.record.id);
    ring.put(other.record);
    expect(ring.authenticate(other.key).name).toBe('Bob');
  });
});

it('a forgotten key may be put again', () => {
  ring.forget(record.id);
  expect(() => ring.authenticate(key, before)).toThrow(refusal('not valid'));
  ring.put(record);
  expect(ring.authenticate(key, before).name).toBe('Ada');
});
