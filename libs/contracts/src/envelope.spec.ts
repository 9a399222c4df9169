import { describe, expect, it } from 'vitest';
import { fromHeaders, newId, toHeaders, type BatonEvent } from './index.js';

const event: BatonEvent = {
  id: newId(),
  type: 'model.registered',
  source: 'baton/registry',
  subject: 'iris',
  time: '2026-01-02T03:04:05.000Z',
  correlationid: 'c1',
  causationid: 'c0',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  data: null,
};

describe('CloudEvents headers', () => {
  it('come back as they went', () => {
    expect({ ...(fromHeaders(toHeaders(event)) as object), data: null }).toEqual({ ...event, tracestate: undefined });
  });

  it('leave out what is not said', () => {
    expect(Object.keys(toHeaders({ ...event, causationid: undefined }))).not.toContain('ce_causationid');
  });

  it.each(['ce_id', 'ce_source', 'ce_type', 'ce_time', 'ce_specversion'])(
    'without %s are refused by name',
    (header) => {
      const headers: Record<string, string | undefined> = { ...toHeaders(event), [header]: undefined };

      expect(fromHeaders(headers)).toBe(header);
    },
  );
});
