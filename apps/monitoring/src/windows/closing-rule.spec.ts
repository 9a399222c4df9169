import { describe, expect, it } from 'vitest';
import { mayClose, watermarkOf, type OpenWindow, type PartitionProgress } from './closing-rule.js';

const at = (time: string) => new Date(`2024-05-01T${time}Z`);
const window: OpenWindow = { closesAt: at('11:05:00'), touchedAt: at('12:00:00') };
const clock = { now: at('12:00:01'), idleMs: 5000 };

const passed: PartitionProgress = { watermark: at('11:05:00'), atEnd: false };
const behind: PartitionProgress = { watermark: at('11:04:59'), atEnd: false };
const quiet: PartitionProgress = { watermark: at('10:30:00'), atEnd: true };
const empty: PartitionProgress = { atEnd: true };
const unread: PartitionProgress = { atEnd: false };

describe('mayClose', () => {
  it.each<[string, PartitionProgress[], boolean]>([
    ['every partition has passed it', [passed, passed], true],
    ['the others are read to their end', [passed, quiet, empty], true],
    ['one that has more to read is not that far', [passed, behind], false],
    ['one was never read', [passed, unread], false],
    ['all are read to their end, but something came a second ago', [quiet, empty], false],
  ])('when %s', (_what, partitions, expected) => {
    expect(mayClose(window, partitions, clock)).toBe(expected);
  });

  it('by the clock alone once nothing has come for a while', () => {
    const idle = { ...window, touchedAt: at('11:59:56') };

    expect(mayClose(idle, [quiet, empty], clock)).toBe(true);
    expect(mayClose(idle, [quiet, behind], clock)).toBe(false);
  });

  it('not before the end of its lateness by the clock, whatever the events say', () => {
    const clockThen = { ...clock, now: at('11:04:59') };

    expect(mayClose({ ...window, touchedAt: at('09:00:00') }, [passed, passed], clockThen)).toBe(false);
  });

  it('again when late events have paused, or trickle in for a minute', () => {
    const corrected = { ...window, closedAt: at('11:59:30') };

    expect(mayClose(corrected, [passed], clock)).toBe(false);
    expect(mayClose({ ...corrected, touchedAt: at('11:59:50') }, [passed], clock)).toBe(true);
    expect(mayClose({ ...corrected, closedAt: at('11:59:00') }, [passed], clock)).toBe(true);
  });
});

describe('watermarkOf', () => {
  it.each([
    ['an event of the past', '2012-01-01T00:00:00Z', '2024-05-01T00:00:00Z', '2012-01-01T00:00:00Z'],
    ['a date of the future', '2099-01-01T00:00:00Z', '2024-05-01T00:00:00Z', '2024-05-01T00:00:00Z'],
  ])('of %s', (_what, eventTime, receivedAt, expected) => {
    expect(watermarkOf({ eventTime, receivedAt })).toEqual(new Date(expected));
  });
});
