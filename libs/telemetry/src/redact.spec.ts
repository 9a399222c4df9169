import { describe, expect, it } from 'vitest';
import { redact, redactText } from './redact.js';

const secret = 'S'.repeat(43);

describe('text for the log', () => {
  it.each([
    ['an access key', `key baton_0123456789abcdef_${secret} refused`, 'key baton_0123456789abcdef_*** refused'],
    ['a cut access key', 'baton_0123456789abcdef_SSSS', 'baton_0123456789abcdef_***'],
    ['a bearer token', `authorization: Bearer ${secret}`, 'authorization: Bearer ***'],
    ['a password in an address', 'postgres://registry:hush@db:5432/baton', 'postgres://registry:***@db:5432/baton'],
    ['a password with @, / and no user', 'redis://:a@b/c@host', 'redis://:***@host'],
    ['a password in an http address', 'https://u:hush@host/v1/models/m@3', 'https://u:***@host/v1/models/m@3'],
    ['a password in a connection string', 'host=db password=hush user=me', 'host=db password=*** user=me'],
    ['a private key', '-----BEGIN EC PRIVATE KEY-----\nMHcCAQ\n-----END EC PRIVATE KEY----- end', '(private key) end'],
  ])('does not tell %s', (_, text, shown) => {
    expect(redactText(text)).toBe(shown);
  });

  it.each([
    'http://127.0.0.1:4100/v1/models/m@3',
    'baton_registry listens on 127.0.0.1:4100',
    'no key: Authorization: Bearer baton_…',
    'the password is wrong',
  ])('leaves %s as it is', (text) => {
    expect(redactText(text)).toBe(text);
  });

  it('is cut when it is very long', () => {
    expect(redactText('x'.repeat(100_000)).length).toBeLessThan(17_000);
  });
});

describe('fields for the log', () => {
  it.each([
    'password',
    'clientSecret',
    'Authorization',
    'x-api-key',
    'API_KEY',
    'accessToken',
    'privateKeyPem',
    'cookie',
  ])('leaves out what %s holds', (name) => {
    expect(redact({ deep: [{ [name]: 'hush' }] })).toEqual({ deep: [{ [name]: '***' }] });
  });

  it.each(['key', 'keyId', 'keyid', 'partitionKey', 'author', 'digest'])('shows what %s holds', (name) => {
    expect(redact({ [name]: 'shown' })).toEqual({ [name]: 'shown' });
  });

  it('tells what an error was, and what caused it, but not what was entered', () => {
    const cause = Object.assign(new Error('postgres://a:hush@b refused'), { code: 'ECONNREFUSED' });
    const error = Object.assign(new Error('no rows', { cause }), { parameters: ['hush'], query: 'select' });
    const shown = JSON.stringify(redact({ error }));
    expect(shown).toContain('no rows');
    expect(shown).toContain('ECONNREFUSED');
    expect(shown).not.toContain('hush');
  });

  it('tells each of several errors', () => {
    const shown = redact(new AggregateError([new Error('on ::1'), new Error('on 127.0.0.1')]));
    expect(shown).toMatchObject({ errors: [{ message: 'on ::1' }, { message: 'on 127.0.0.1' }] });
  });

  it('shows values that JSON cannot, and ends where values go round', () => {
    const round: Record<string, unknown> = {};
    round['self'] = round;
    const value = {
      bytes: Buffer.alloc(9),
      big: 12n,
      url: new URL('http://u:hush@h/'),
      map: new Map([['a', 1]]),
      round,
    };
    const shown = JSON.stringify(redact(value));
    expect(shown).toContain('"bytes":"9 bytes","big":"12","url":"http://u:***@h/","map":{"a":1}');
    expect(shown).toContain('…');
  });

  it('cuts long lists', () => {
    expect(redact(Array.from({ length: 5000 }, (_, n) => n))).toHaveLength(101);
  });
});
