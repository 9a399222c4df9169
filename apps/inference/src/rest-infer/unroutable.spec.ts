import { describe, expect, it } from 'vitest';
import { unroutable } from './unroutable.js';

describe('of a URL below /v2', () => {
  it.each([
    ['an escape that is none', '/v2/models/%zz/config', 400],
    ['half an escape', '/v2/models/a%', 400],
    ['bytes that are no UTF-8', '/v2/models/%ff/ready', 400],
    ['a name that is too long for any', `/v2/models/${'a'.repeat(101)}`, 404],
  ])('%s is answered before any router', (_, url, status) => {
    expect(unroutable(url)?.status).toBe(status);
  });

  it.each(['/v2', '/v2/', '/v2?x=%zz', '/v2/models/a%20b', `/v2/models/${'a'.repeat(100)}`])('%s is routed', (url) => {
    expect(unroutable(url)).toBeUndefined();
  });

  it('anything else is nobody’s business here', () => {
    expect(unroutable('/v1/%zz')).toBeUndefined();
    expect(unroutable('/v22/%zz')).toBeUndefined();
  });
});
