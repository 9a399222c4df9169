import { describe, expect, it } from 'vitest';
import { catalogue, eventTypes, isEventType, isId, newId } from './index.js';

describe('catalogue', () => {
  it.each(eventTypes)('%s is named noun.verb-ed, or is the state of a compacted topic', (type) => {
    const definition = catalogue[type];

    expect(type).toMatch(definition.retentionMs === 'compacted' ? /^[a-z]+\.[a-z]+$/ : /^[a-z]+\.[a-z-]+ed$/);
  });

  it('knows its own events only', () => {
    expect([isEventType('model.registered'), isEventType('toString'), isEventType('nope')]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe('newId', () => {
  it('gives valid ids that sort by time', () => {
    const ids = Array.from({ length: 1000 }, newId);

    expect(ids.every(isId)).toBe(true);
    expect([...ids].sort()).toEqual(ids);
  });
});
