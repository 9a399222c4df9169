import { newId, toHeaders, type AccessKey, type BatonEvent } from '@baton/contracts';
import { describe, expect, it } from 'vitest';
import type { KafkaMessage } from 'kafkajs';
import { makeEvent } from './new-event.js';
import { MalformedEventError, readEvent } from './received.js';

const key: AccessKey = {
  id: 'abcdefgh',
  hash: 'a'.repeat(64),
  name: 'ci',
  roles: ['viewer'],
  project: null,
  createdAt: '2026-01-01T00:00:00.000Z',
  expiresAt: null,
};
const event: BatonEvent<'access.key'> = makeEvent('access.key', key, { source: 'baton/registry' });

function message(changes: { headers?: Record<string, string | undefined>; value?: string | null } = {}): KafkaMessage {
  const value = changes.value === undefined ? JSON.stringify(event.data) : changes.value;
  return {
    key: Buffer.from(event.subject),
    value: value === null ? null : Buffer.from(value),
    headers: { ...toHeaders(event), ...changes.headers },
    offset: '0',
    timestamp: '0',
    attributes: 0,
  };
}

describe('readEvent', () => {
  it('gives the event that was sent', () => {
    expect(readEvent('access.key', message())).toEqual({ ...event, causationid: undefined });
  });

  it('takes a missing value on a compacted topic for a tombstone', () => {
    expect(readEvent('access.key', message({ value: null })).data).toBeNull();
  });

  it.each([
    ['cut JSON', message({ value: '{"id":' }), /bad JSON/],
    ['a payload without its fields', message({ value: '{}' }), /id: /],
    ['a payload that is no object', message({ value: '7' }), /not an object/],
    ['no id', message({ headers: { ce_id: undefined } }), /ce_id is missing/],
    ['an id that no inbox could hold', message({ headers: { ce_id: 'x' } }), /not a UUID/],
    ['an unknown type', message({ headers: { ce_type: 'nobody.knows' } }), /nobody\.knows/],
    ['the type of another topic', message({ headers: { ce_type: 'model.approved' } }), /model\.approved/],
  ])('refuses %s', (_what, record, reason) => {
    expect(() => readEvent('access.key', record)).toThrow(reason);
    expect(() => readEvent('access.key', record)).toThrow(MalformedEventError);
  });

  it('refuses a missing value on a topic that is not compacted', () => {
    const record = message({ value: null, headers: { ce_type: 'model.approved', ce_id: newId() } });

    expect(() => readEvent('model.approved', record)).toThrow(/no value/);
  });
});
