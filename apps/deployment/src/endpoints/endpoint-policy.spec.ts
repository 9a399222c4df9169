import { describe, expect, it } from 'vitest';
import { changedPolicy, defaultPolicy, isSamePolicy } from './endpoint-policy.js';
import { isLoggingPolicies } from './logging-policies.js';

describe('changedPolicy', () => {
  it('keeps what is not named', () => {
    expect(changedPolicy(defaultPolicy, { window: 'month', eventTime: undefined })).toEqual({
      ...defaultPolicy,
      window: 'month',
    });
  });

  it('replaces the features as a whole', () => {
    const policy = { ...defaultPolicy, features: { age: 'none' as const } };

    expect(changedPolicy(policy, { features: { name: 'hash' } }).features).toEqual({ name: 'hash' });
  });

  it('changes nothing when nothing is asked', () => {
    expect(isSamePolicy(changedPolicy(defaultPolicy), defaultPolicy)).toBe(true);
    expect(isSamePolicy(changedPolicy(defaultPolicy, { record: 'sync' }), defaultPolicy)).toBe(false);
  });
});

describe('isLoggingPolicies', () => {
  it.each([
    [{}, true],
    [{ age: 'hash', name: 'none', size: 'full' }, true],
    [{ age: 'secret' }, false],
    [{ '': 'full' }, false],
    [['full'], false],
    [null, false],
    ['full', false],
  ])('%j: %s', (value, fits) => {
    expect(isLoggingPolicies(value)).toBe(fits);
  });
});
