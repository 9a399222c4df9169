import { describe, expect, it } from 'vitest';
import { isBelowV2, methodOf } from './v2-routes.js';

describe('methodOf', () => {
  it.each<[string, string | undefined]>([
    ['/v2', 'GET'],
    ['/v2/?x=1', 'GET'],
    ['/v2/health/live', 'GET'],
    ['/v2/models', 'GET'],
    ['/v2/models/stats', 'GET'],
    ['/v2/models/iris', 'GET'],
    ['/v2/models/iris/versions/1', 'GET'],
    ['/v2/models/iris/versions/1/config', 'GET'],
    ['/v2/models/iris/ready?x', 'GET'],
    ['/v2/models/iris/infer', 'POST'],
    ['/v2/models/iris/versions/1/infer', 'POST'],
    ['/v2/repository/index', 'POST'],
    ['/v2/repository/models/iris/unload', 'POST'],
    ['/v2/repository/models/iris', undefined],
    ['/v2/models/iris/versions', undefined],
    ['/v2/models/iris/explain', undefined],
    ['/v2/nothing', undefined],
    ['/v1/models', undefined],
  ])('of %s is %s', (url, method) => {
    expect(methodOf(url)).toBe(method);
  });
});

describe('isBelowV2', () => {
  it('looks at whole names', () => {
    expect(['/v2', '/v2/', '/v2?x', '/v2/models'].every(isBelowV2)).toBe(true);
    expect(['/v20', '/v1/v2', '/'].some(isBelowV2)).toBe(false);
  });
});
