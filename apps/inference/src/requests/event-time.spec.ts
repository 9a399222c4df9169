import { describe, expect, it } from 'vitest';
import { eventTimeOf } from './event-time.js';

const now = new Date('2026-01-02T03:04:05.678Z');

describe('eventTimeOf', () => {
  it.each<[unknown, string]>([
    [undefined, '2026-01-02T03:04:05.678Z'],
    [null, '2026-01-02T03:04:05.678Z'],
    ['2015-06-01', '2015-06-01T00:00:00.000Z'],
    ['2015-06-01T12:00:00Z', '2015-06-01T12:00:00.000Z'],
    ['2015-06-01T12:00+02:00', '2015-06-01T10:00:00.000Z'],
    ['2015-06-01 12:00:00.123456-0530', '2015-06-01T17:30:00.123Z'],
  ])('takes %s', (given, expected) => {
    expect(eventTimeOf(given, { eventTime: true }, now)).toBe(expected);
  });

  it.each([
    '',
    'now',
    7,
    {},
    '2015',
    '2015-06',
    '2015-13-01',
    '2015-06-01T12:00:00',
    '06/01/2015',
    '2015-06-01T25:00Z',
  ])('refuses %s', (given) => {
    expect(() => eventTimeOf(given, { eventTime: true }, now)).toThrow(/^event_time/);
  });

  it('refuses any where the endpoint takes none', () => {
    expect(() => eventTimeOf('2015-06-01', { eventTime: false }, now)).toThrow(/^event_time/);
    expect(eventTimeOf(undefined, { eventTime: false }, now)).toBe(now.toISOString());
  });
});
