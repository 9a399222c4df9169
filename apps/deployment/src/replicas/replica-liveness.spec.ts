import { describe, expect, it } from 'vitest';
import { isAlive, seenAt } from './replica-liveness.js';

const now = new Date('2026-01-01T12:00:30Z');

describe('isAlive', () => {
  it.each([
    ['reported this moment', '2026-01-01T12:00:30Z', false, true],
    ['reported just in time', '2026-01-01T12:00:00Z', false, true],
    ['has been silent for longer', '2026-01-01T11:59:59.999Z', false, false],
    ['said goodbye', '2026-01-01T12:00:30Z', true, false],
  ])('a replica that %s', (_what, seen, leaving, alive) => {
    expect(isAlive({ leaving, lastSeen: new Date(seen) }, now, 30_000)).toBe(alive);
  });
});

describe('seenAt', () => {
  it.each([
    ['is the time of the report, however late it comes', '2026-01-01T10:00:00Z', '2026-01-01T10:00:00.000Z'],
    ['is now for a clock that runs ahead', '2026-01-01T13:00:00Z', '2026-01-01T12:00:30.000Z'],
  ])('%s', (_sentence, reported, seen) => {
    expect(seenAt(reported, now).toISOString()).toBe(seen);
  });
});
