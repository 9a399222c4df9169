import { afterEach, describe, expect, it, vi } from 'vitest';
import { isId, newId } from './ids.js';

afterEach(() => vi.useRealTimers());

describe('a new id', () => {
  it('is a UUIDv7, unlike any other and greater than those before it', () => {
    const ids = Array.from({ length: 100_000 }, () => newId());
    expect(ids.every(isId)).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.toSorted()).toEqual(ids);
  });

  it('tells when it was made', () => {
    vi.useFakeTimers({ now: Date.now() + 60_000 });
    expect(parseInt(newId().replaceAll('-', '').slice(0, 12), 16)).toBe(Date.now());
  });

  it('is greater than those before it when the clock goes back', () => {
    const before = newId();
    vi.useFakeTimers({ now: Date.now() - 3_600_000 });
    expect(newId() > before).toBe(true);
  });

  it('has 62 bits that nobody can guess', () => {
    const tails = Array.from({ length: 5000 }, () => newId().slice(19));
    expect(new Set(tails).size).toBe(tails.length);
  });
});
