import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createAccessKey } from './access-key.js';
import { Gatekeeper } from './gatekeeper.js';
import { KeyRing } from './key-ring.js';

const HOUR_MS = 3_600_000;
const expiresAt = new Date(Date.now() + HOUR_MS).toISOString();
const ada = createAccessKey({ name: 'Ada', roles: ['predictor'], expiresAt });
const bob = createAccessKey({ name: 'Bob', roles: ['predictor'] });
const authorization = `Bearer ${ada.key}`;

let keys: KeyRing;
let gatekeeper: Gatekeeper;
let connection: object;

beforeEach(() => {
  keys = new KeyRing();
  keys.put(ada.record);
  gatekeeper = new Gatekeeper(keys);
  connection = {};
});

const knock = (text: string | undefined = authorization) =>
  gatekeeper.letInOn(connection, text, 'predictions:write').name;

describe('on a connection that is kept', () => {
  it('a key is looked at once', () => {
    const look = vi.spyOn(keys, 'authenticate');
    expect([knock(), knock(), knock()]).toEqual(['Ada', 'Ada', 'Ada']);
    expect(look).toHaveBeenCalledTimes(1);
  });

  it('another key is another caller', () => {
    keys.put(bob.record);
    expect([knock(), knock(`Bearer ${bob.key}`), knock()]).toEqual(['Ada', 'Bob', 'Ada']);
  });

  it('a key that is revoked counts no more', () => {
    expect(knock()).toBe('Ada');
    keys.remove(ada.record.id);
    expect(() => knock()).toThrow(expect.objectContaining({ status: 401 }));
  });

  it('a key that expires counts no more', () => {
    expect(knock()).toBe('Ada');
    const later = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 2 * HOUR_MS);
    expect(() => knock()).toThrow(expect.objectContaining({ status: 401 }));
    later.mockRestore();
  });

  it('a key stands for no other permission than that it was asked for', () => {
    expect(knock()).toBe('Ada');
    const approve = () => gatekeeper.letInOn(connection, authorization, 'models:approve');
    expect(approve).toThrow(expect.objectContaining({ status: 403 }));
  });

  it('nobody comes in after somebody without a key of his own', () => {
    expect(knock()).toBe('Ada');
    expect(() => gatekeeper.letInOn(connection, undefined, 'predictions:write')).toThrow(
      expect.objectContaining({ status: 401 }),
    );
  });
});
