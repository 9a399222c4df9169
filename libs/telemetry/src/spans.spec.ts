import { describe, expect, it } from 'vitest';
import { currentTraceId, recordSpan, traceHeaders, withSpan, withTrace } from './spans.js';

describe('spans without tracing', () => {
  it('do their work, give no headers, and throw on', async () => {
    expect(await withSpan('work', {}, (span) => Promise.resolve(span.headers()))).toEqual({});
    await expect(withSpan('work', {}, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(recordSpan('work', { startTime: new Date(), endTime: new Date() })).toEqual({});
    expect(withTrace({ traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` }, () => traceHeaders())).toEqual({});
    expect(currentTraceId()).toBeUndefined();
  });
});
