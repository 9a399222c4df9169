import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requestTracer, startRequestTracer, stopRequestTracer } from './request-tracer.js';
import { spanShape } from './span-shape.js';
import { TraceReceiver } from './trace-receiver.js';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const caller = 'b7ad6b7169203331';
const sampled = `00-${traceId}-${caller}-01`;
const unsampled = `00-${traceId}-${caller}-00`;

const shape = spanShape([
  { name: 'POST /v2/models/:model/infer', attributes: { route: '/infer', version: 3, share: 0.5, cold: false } },
  { name: 'queue' },
  { name: 'send prediction.logged', kind: 'producer', attributes: { offset: -2, text: 'é'.repeat(200) } },
]);
const times = [1_760_000_000_000.25, 1_760_000_000_009, 1_760_000_000_001, 1_760_000_000_002.5, 3000, 4000.125];

let receiver: TraceReceiver;

const start = (ratio = 1) =>
  startRequestTracer(ratio, {
    url: `${receiver.url}/v1/traces`,
    headers: {},
    resource: { 'service.name': 'test', 'host.name': 'here' },
    complain: () => undefined,
  });

/** Ends a request that began with these headers, and gives what arrived. */
async function spansOf(traceparent: string | undefined, options = {}, tracestate?: string) {
  const request = requestTracer.begin(traceparent, tracestate);
  if (request) requestTracer.end(request, shape, times, options);
  await stopRequestTracer();
  return { request, spans: receiver.spans() };
}

beforeEach(async () => {
  receiver = await TraceReceiver.start();
});

afterEach(async () => {
  await stopRequestTracer();
  await receiver.close();
});

describe('the spans of a request', () => {
  it('arrive with what the shape says and the request adds', async () => {
    start();
    const { request, spans } = await spansOf(undefined, { attributes: { status: 200, prediction: 'p-1', ms: 1.5 } });
    const [queue, send, server] = spans;
    expect(spans).toHaveLength(3);
    expect(server).toMatchObject({ name: 'POST /v2/models/:model/infer', kind: 'server', service: 'test' });
    expect(server).toMatchObject({ startMs: 1_760_000_000_000.25, endMs: 1_760_000_000_009, failed: false, links: [] });
    expect(server?.attributes).toEqual({
      ...{ route: '/infer', version: 3, share: 0.5, cold: false },
      ...{ status: 200, prediction: 'p-1', ms: 1.5 },
    });
    expect(server?.parentSpanId).toBeUndefined();
    expect(request?.traceparent).toBe(`00-${server?.traceId}-${server?.spanId}-01`);
    expect(queue).toMatchObject({ name: 'queue', kind: 'internal', parentSpanId: server?.spanId, attributes: {} });
    expect(queue).toMatchObject({ startMs: 1_760_000_000_001, endMs: 1_760_000_000_002.5 });
    expect(send).toMatchObject({ kind: 'producer', parentSpanId: server?.spanId, startMs: 3000, endMs: 4000.125 });
    expect(send?.attributes).toEqual({ offset: -2, text: 'é'.repeat(200) });
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(3);
    expect(spans.every((span) => span.traceId === request?.traceId)).toBe(true);
  });

  it('are below the caller, in one trace with what the SDK records', async () => {
    start();
    const exporter = new OTLPTraceExporter({ url: `${receiver.url}/v1/traces` });
    const resource = resourceFromAttributes({ 'service.name': 'test' });
    const sdk = new TracerProvider({ resource, spanProcessors: [new BatchSpanProcessor({ exporter })] });
    const outer = sdk.getTracer('sdk').startSpan('caller', {}, ROOT_CONTEXT);
    const { traceId: id, spanId } = outer.spanContext();
    const request = requestTracer.begin(`00-${id}-${spanId}-01`);
    if (!request) throw new Error('there is a trace to carry on');
    const [, , own] = request.traceparent.split('-');
    const remote = { traceId: request.traceId, spanId: own ?? '', traceFlags: 1, isRemote: true };
    const inner = sdk.getTracer('sdk').startSpan('caused', {}, trace.setSpanContext(ROOT_CONTEXT, remote));
    inner.end();
    outer.end();
    requestTracer.end(request, shape, times);
    await Promise.all([stopRequestTracer(), sdk.shutdown()]);

    const spans = receiver.spans(id);
    expect(spans).toHaveLength(5);
    const server = spans.find(({ kind }) => kind === 'server');
    expect(server).toMatchObject({ parentSpanId: spanId, service: 'test' });
    expect(spans.find(({ name }) => name === 'caused')?.parentSpanId).toBe(server?.spanId);
    expect(context.active()).toBe(ROOT_CONTEXT);
    expect(propagation.fields()).toEqual([]);
  });

  it('tell that it failed, without secrets, even when the caller did not sample', async () => {
    start();
    const { request, spans } = await spansOf(unsampled, { failed: 'no token=hush' });
    expect(request?.isSampled).toBe(false);
    expect(spans.map(({ failed }) => failed)).toEqual([false, false, true]);
    expect(spans[2]).toMatchObject({ traceId, parentSpanId: caller });
    expect(request?.traceparent).toBe(`00-${traceId}-${spans[2]?.spanId}-00`);
  });

  it('are not recorded when nobody samples it', async () => {
    start(0);
    expect((await spansOf(unsampled)).spans).toEqual([]);
    start(0);
    expect((await spansOf(undefined)).spans).toEqual([]);
  });

  it('follow the caller who samples, whatever the ratio', async () => {
    start(0);
    const { request, spans } = await spansOf(sampled, {}, 'vendor=1');
    expect(request).toMatchObject({ isSampled: true, traceId, tracestate: 'vendor=1' });
    expect(spans).toHaveLength(3);
  });

  it('stay readable with more attributes than they may have', async () => {
    start();
    const attributes = Object.fromEntries(Array.from({ length: 99 }, (_, n) => [`a${n}`, '€'.repeat(5000)]));
    const { spans } = await spansOf(sampled, { attributes, failed: '€'.repeat(9000) }, 'v='.padEnd(512, '1'));
    expect(spans[2]).toMatchObject({ failed: true, parentSpanId: caller });
    expect(spans[2]?.attributes['a0']).toBe('€'.repeat(1024));
  });
});

describe('a traceparent', () => {
  it.each([
    ['of another version with more in it', `01-${traceId}-${caller}-01-more`],
    ['of another version', `cc-${traceId}-${caller}-09`],
    ['of this version', sampled],
  ])('%s is followed', (_, header) => {
    start(0);
    expect(requestTracer.begin(header)).toMatchObject({ isSampled: true, traceId });
  });

  it.each([
    ['nothing', ''],
    ['version ff', sampled.replace(/^00/, 'ff')],
    ['version 00 with more in it', `${sampled}-more`],
    ['more without a dash', `01${sampled.slice(2)}more`],
    ['a trace id of zeros', `00-${'0'.repeat(32)}-${caller}-01`],
    ['a span id of zeros', `00-${traceId}-${'0'.repeat(16)}-01`],
    ['upper case', sampled.toUpperCase()],
    ['no hex in the trace id', sampled.replace('0af', '0ag')],
    ['no hex in the span id', sampled.replace('b7ad', 'b7a\u0130')],
    ['no hex in the version', `0x${sampled.slice(2)}`],
    ['no hex in the flags', `${sampled.slice(0, -1)}z`],
    ['no dashes', sampled.replaceAll('-', '_')],
    ['cut', sampled.slice(0, -1)],
    ['a space before', ` ${sampled}`],
  ])('with %s begins a new trace', (_, header) => {
    start(1);
    const request = requestTracer.begin(header);
    expect(request?.isSampled).toBe(true);
    expect(request?.traceId).toMatch(/^[\da-f]{32}$/);
    // The ends of both, since the header may spoil the beginning.
    expect(request?.traceId.slice(8)).not.toBe(traceId.slice(8));
    expect(request?.traceparent).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-01$/);
  });

  it('is handed on unchanged when nothing is exported, and nothing is made up', () => {
    expect(requestTracer.begin(undefined)).toBeUndefined();
    expect(requestTracer.begin('00-broken')).toBeUndefined();
    const request = requestTracer.begin(sampled, 'vendor=1');
    expect(request).toMatchObject({ traceparent: sampled, tracestate: 'vendor=1', traceId, isSampled: true });
    if (request) requestTracer.end(request, shape, times, { failed: 'nobody listens' });
  });
});

describe('the ratio', () => {
  it('keeps its share, of the traces that the SDK would keep too', () => {
    start(0.25);
    const requests = Array.from({ length: 20_000 }, () => requestTracer.begin(undefined));
    const kept = requests.filter((request) => request?.isSampled).length;
    expect(kept).toBeGreaterThan(4600);
    expect(kept).toBeLessThan(5400);
    for (const request of requests.slice(0, 200)) {
      const words = request?.traceId.match(/.{8}/g) ?? [];
      const seed = words.reduce((all, part) => all ^ parseInt(part, 16), 0) >>> 0;
      expect(seed < Math.floor(0.25 * (2 ** 32 - 1))).toBe(request?.isSampled);
    }
  });
});
