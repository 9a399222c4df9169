import { describe, expect, it } from 'vitest';
import { createAccessKey } from './access-key.js';
import { authenticateRequest, presentedKey, type RequestHeaders } from './credentials.js';
import { KeyRing } from './key-ring.js';

describe('presentedKey', () => {
  it.each<[string, RequestHeaders, string | undefined]>([
    ['nothing without a header', {}, undefined],
    ['a bearer token', { authorization: 'Bearer abc' }, 'abc'],
    ['a bearer token in any case', { authorization: 'bearer  abc' }, 'abc'],
    ['X-API-Key', { 'x-api-key': 'abc' }, 'abc'],
    ['the first of several X-API-Key', { 'x-api-key': ['abc', 'def'] }, 'abc'],
    ['Authorization rather than X-API-Key', { authorization: 'Bearer abc', 'x-api-key': 'def' }, 'abc'],
    ['no key from another scheme, even beside X-API-Key', { authorization: 'Basic abc', 'x-api-key': 'def' }, ''],
    ['no key from two tokens', { authorization: 'Bearer abc def' }, ''],
    ['no key from an empty header', { authorization: '' }, ''],
  ])('takes %s', (_, headers, key) => expect(presentedKey(headers)).toBe(key));
});

it('authenticates the headers of a request outside Nest', () => {
  const ring = new KeyRing();
  const { key, record } = createAccessKey({ name: 'Ada', roles: ['viewer'] });
  ring.put(record);
  expect(authenticateRequest(ring, { authorization: `Bearer ${key}` }).name).toBe('Ada');
  expect(() => authenticateRequest(ring, {})).toThrow(expect.objectContaining({ status: 401 }));
});
