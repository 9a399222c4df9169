import { describe, expect, it } from 'vitest';
import { changedPolicy, defaultPolicy, isSamePolicy } from './endpoint-policy.js';
import { isDataClasses } from './data-classes.js';
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

  it('replaces the data classes as a whole', () => {
    const policy = changedPolicy(defaultPolicy, { dataClasses: { age: 'personal' } });

    expect(changedPolicy(policy, { record: 'sync' }).dataClasses).toEqual({ age: 'personal' });
    expect(changedPolicy(policy, { dataClasses: {} }).dataClasses).toEqual({});
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

describe('isDataClasses', () => {
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, `class-${i}`]));

  it.each([
    [{}, true],
    [{ age: 'personal', income: 'financial', name: 'personal' }, true],
    [{ age: 'Personal' }, false],
    [{ age: '' }, false],
    [{ age: null }, false],
    [{ age: ['personal'] }, false],
    [{ '': 'personal' }, false],
    [['personal'], false],
    [null, false],
  ])('%j: %s', (value, fits) => {
    expect(isDataClasses(value)).toBe(fits);
  });

  it('takes 64 classes of any number of features, and no more', () => {
    expect(isDataClasses({ ...many(64), another: 'class-1' })).toBe(true);
    expect(isDataClasses(many(65))).toBe(false);
  });
});
