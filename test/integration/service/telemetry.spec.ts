import {
  shutdownTelemetry,
  startTelemetry,
  TraceReceiver,
  traceHeaders,
  withSpan,
  withTrace,
  recordSpan,
} from '@baton/telemetry';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let receiver: TraceReceiver;

const span = (name: string) => withSpan(name, {}, () => Promise.resolve());
const names = () => receiver.spans().map(({ name, service }) => `${service}: ${name}`);

beforeEach(async () => {
  receiver = await TraceReceiver.start();
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = receiver.url;
});

afterEach(async () => {
  await shutdownTelemetry();
  delete process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  await receiver.close();
});

describe('tracing in one process', () => {
  it('goes on until the last of those who started it is done, and each span is sent once', async () => {
    const first = await startTelemetry('first');
    const second = await startTelemetry('second');
    await span('with both');
    await first.shutdown();
    await first.shutdown();
    await span('with one');
    expect(names()).toEqual([]);
    await second.shutdown();
    expect(names()).toEqual(['first: with both', 'first: with one']);
  });

  it('is over at once for everybody when the process ends', async () => {
    await startTelemetry('first');
    await startTelemetry('second');
    await span('before');
    await shutdownTelemetry();
    await span('after');
    await shutdownTelemetry();
    expect(names()).toEqual(['first: before']);
  });

  it('can be started again, for another collector', async () => {
    const other = await TraceReceiver.start();
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = other.url;
    await (await startTelemetry('one')).shutdown();
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = receiver.url;
    await startTelemetry('two');
    await span('again');
    await shutdownTelemetry();
    expect(names()).toEqual(['two: again']);
    expect(other.spans()).toEqual([]);
    await other.close();
  });
});

describe('a span', () => {
  const traceId = 'a'.repeat(32);
  const parent = { traceparent: `00-${traceId}-${'b'.repeat(16)}-01` };

  it('is below the active one, has what it is given, and passes its headers on', async () => {
    await startTelemetry('test');
    const link = { traceparent: `00-${'c'.repeat(32)}-${'d'.repeat(16)}-01` };
    const options = { kind: 'consumer', attributes: { size: 3 }, parent, links: [link, {}] } as const;
    const inner = await withSpan('outer', options, async (outer) => {
      outer.set({ colour: 'red' });
      expect(traceHeaders()).toEqual(outer.headers());
      return withSpan('inner', {}, (handle) => Promise.resolve(handle.headers()));
    });
    recordSpan('earlier', { parent: inner, startTime: new Date(1000), endTime: new Date(3500) });
    withTrace(parent, () => recordSpan('continued', { startTime: new Date(0), endTime: new Date(1) }));
    recordSpan('apart', { parent: {}, startTime: new Date(0), endTime: new Date(1) });
    await shutdownTelemetry();

    const [innerSpan, outerSpan, earlier, continued, apart] = receiver.spans();
    expect(outerSpan).toMatchObject({ name: 'outer', kind: 'consumer', traceId, parentSpanId: 'b'.repeat(16) });
    expect(outerSpan?.attributes).toEqual({ size: 3, colour: 'red' });
    expect(outerSpan?.links).toEqual([{ traceId: 'c'.repeat(32), spanId: 'd'.repeat(16) }]);
    expect(innerSpan).toMatchObject({ name: 'inner', traceId, parentSpanId: outerSpan?.spanId });
    expect(inner.traceparent).toBe(`00-${traceId}-${innerSpan?.spanId}-01`);
    expect(earlier).toMatchObject({ parentSpanId: innerSpan?.spanId, startMs: 1000, endMs: 3500 });
    expect(continued).toMatchObject({ traceId, parentSpanId: 'b'.repeat(16) });
    expect(apart?.traceId).not.toBe(traceId);
  });

  it('ends as failed with an error, which is thrown on, and keeps its secrets', async () => {
    await startTelemetry('test');
    const work = withSpan('broken', {}, () => Promise.reject(new Error('postgres://u:hush@db refused')));
    await expect(work).rejects.toThrow('hush');
    await withSpan('told', {}, (handle) => Promise.resolve(handle.fail('the answer was 503')));
    await shutdownTelemetry();
    expect(receiver.spans().map(({ name, failed }) => [name, failed])).toEqual([
      ['broken', true],
      ['told', true],
    ]);
    expect(JSON.stringify(receiver.spans())).not.toContain('hush');
  });
});
