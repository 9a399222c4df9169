import { describe, expect, it } from 'vitest';
import { Slots } from './slots.js';

describe('slots', () => {
  it('let so many run at once, and the others in the order they came, also after a failure', async () => {
    const slots = new Slots(2);
    const gates = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
    const started: number[] = [];
    const works = gates.map((gate, index) =>
      slots.run(() => {
        started.push(index);
        return gate.promise;
      }),
    );
    const settled = Promise.allSettled(works);
    expect(started).toEqual([0, 1]);
    gates[1]?.reject(new Error('no'));
    await works[1]?.catch(() => undefined);
    expect(started).toEqual([0, 1, 2]);
    for (const gate of gates) gate.resolve();
    await settled;

    expect(started).toEqual([0, 1, 2, 3]);
    await expect(slots.run(() => Promise.resolve('free again'))).resolves.toBe('free again');
  });
});
