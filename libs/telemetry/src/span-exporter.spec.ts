import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import protobuf from 'protobufjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { renderMetrics } from './metrics.js';
import { requestTracer, startRequestTracer, stopRequestTracer } from './request-tracer.js';
import { spanShape } from './span-shape.js';

const shape = spanShape([{ name: 'request', attributes: { endpoint: 'iris' } }, { name: 'run' }]);
const times = [1000, 2000, 1200.5, 1800];
const complaints: string[] = [];
let server: Server | undefined;

/** A collector that takes notes. */
async function collector(answer: (request: IncomingMessage) => number = () => 200) {
  const bodies: Buffer[] = [];
  const requests: IncomingMessage[] = [];
  server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      bodies.push(Buffer.concat(parts));
      requests.push(request);
      response.writeHead(answer(request)).end();
    });
  });
  await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done));
  return { bodies, requests, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces` };
}

const start = (url: string) =>
  startRequestTracer(1, {
    url,
    headers: { authorization: 'Bearer x' },
    resource: { 'service.name': 'test' },
    complain: (reason) => complaints.push(reason),
  });

function serve(requests: number): void {
  for (let index = 0; index < requests; index++) {
    const request = requestTracer.begin(undefined);
    if (request) requestTracer.end(request, shape, times, { attributes: { index } });
  }
}

async function metric(line: string): Promise<number> {
  const { body } = await renderMetrics();
  return Number(
    body
      .split('\n')
      .find((one) => one.startsWith(`${line} `))
      ?.slice(line.length) ?? 0,
  );
}

const noRoom = () => metric('trace_spans_dropped_total{reason="buffer_full"}');
const refused = () => metric('trace_spans_dropped_total{reason="refused"}');
const left = () => metric('trace_spans_dropped_total{reason="shutdown"}');
const exported = () => metric('trace_spans_exported_total');

const otlp = protobuf
  .parse(
    `
  syntax = "proto3";
  message ExportTraceServiceRequest { repeated ResourceSpans resource_spans = 1; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message ScopeSpans { Scope scope = 1; repeated Span spans = 2; }
  message Scope { string name = 1; }
  message Span {
    bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4; string name = 5;
    int32 kind = 6; fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8; repeated KeyValue attributes = 9;
    Status status = 15;
  }
  message Status { string message = 2; int32 code = 3; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; } }
`,
  )
  .root.lookupType('ExportTraceServiceRequest');

interface Decoded {
  resourceSpans: {
    scopeSpans: {
      scope: { name: string };
      spans: { spanId: string; name: string; attributes: unknown[]; status?: unknown }[];
    }[];
  }[];
}

const decode = (body: Buffer) => otlp.toObject(otlp.decode(body), { longs: String, bytes: String }) as Decoded;

const spansOf = (bodies: readonly Buffer[]) =>
  bodies.flatMap((body) => decode(body).resourceSpans[0]?.scopeSpans[0]?.spans ?? []);

afterEach(async () => {
  await stopRequestTracer();
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

describe('what is sent to a collector', () => {
  it('is what the specification of OTLP calls an export', async () => {
    const { bodies, requests, url } = await collector();
    start(url);
    serve(3);
    await stopRequestTracer();
    expect(requests[0]).toMatchObject({ method: 'POST', url: '/v1/traces' });
    expect(requests[0]?.headers).toMatchObject({ 'content-type': 'application/x-protobuf', authorization: 'Bearer x' });
    const [group] = decode(bodies[0] ?? Buffer.alloc(0)).resourceSpans;
    expect(group).toMatchObject({
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'test' } }] },
    });
    const scope = group?.scopeSpans[0];
    expect(scope?.scope.name).toBe('baton');
    expect(scope?.spans.map(({ name }) => name)).toEqual(['run', 'request', 'run', 'request', 'run', 'request']);
    expect(scope?.spans[4]).toMatchObject({ startTimeUnixNano: '1200500000', endTimeUnixNano: '1800000000', kind: 1 });
    expect(scope?.spans[5]?.attributes).toEqual([
      { key: 'endpoint', value: { stringValue: 'iris' } },
      { key: 'index', value: { intValue: '2' } },
    ]);
  });

  it('tells why a request failed, without secrets', async () => {
    const { bodies, url } = await collector();
    start(url);
    const request = requestTracer.begin(undefined);
    if (request) requestTracer.end(request, shape, times, { failed: 'refused: token=hush' });
    await stopRequestTracer();
    expect(spansOf(bodies)[1]?.status).toEqual({ message: 'refused: token=***', code: 2 });
  });

  it('goes by itself within a second, over one connection', async () => {
    const { bodies, requests, url } = await collector();
    start(url);
    serve(1);
    await expect.poll(() => bodies.length, { timeout: 3000 }).toBe(1);
    serve(1);
    await expect.poll(() => bodies.length, { timeout: 3000 }).toBe(2);
    expect(requests[1]?.socket).toBe(requests[0]?.socket);
  });

  it('is complete and counted when it is more than fits into a request', async () => {
    const { bodies, url } = await collector();
    const before = await exported();
    start(url);
    serve(20_000);
    await stopRequestTracer();
    expect(bodies.length).toBeGreaterThan(4);
    expect(spansOf(bodies)).toHaveLength(40_000);
    expect((await exported()) - before).toBe(40_000);
  });

  it('goes at once when there is much of it, for as long as it comes, from memory that is used again', async () => {
    const lost = await noRoom();
    const { bodies, url } = await collector();
    // So that nothing is sent because of the time.
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    try {
      start(url);
      const ids: string[] = [];
      for (let round = 0; round < 25; round++) {
        bodies.length = 0;
        serve(10_000);
        while (bodies.length < 3) await new Promise((done) => setImmediate(done));
        ids.push(...spansOf(bodies.slice(0, 1)).map(({ spanId }) => spanId));
      }
      await stopRequestTracer();
      expect(ids.length).toBeGreaterThan(100_000);
      expect(new Set(ids).size).toBe(ids.length);
      expect((await noRoom()) - lost).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('a collector that is away', () => {
  it('costs no more than the buffer, and what finds no room is counted', async () => {
    const [full, late] = [await noRoom(), await left()];
    start('http://127.0.0.1:1/v1/traces');
    serve(200_000);
    const lost = (await noRoom()) - full;
    expect(lost).toBeGreaterThan(100_000);
    await stopRequestTracer();
    expect((await left()) - late).toBe(400_000 - lost);
    expect(complaints.join()).toContain('ECONNREFUSED');
  });

  it('gets what waited when it is back', async () => {
    let status = 503;
    const { bodies, url } = await collector(() => status);
    start(url);
    serve(1);
    await expect.poll(() => bodies.length, { timeout: 3000 }).toBe(1);
    status = 200;
    await expect.poll(() => bodies.length, { timeout: 5000 }).toBe(2);
    expect(bodies[1]).toEqual(bodies[0]);
  });

  it('or that wants none of it, is not asked again', async () => {
    const before = await refused();
    const { bodies, url } = await collector(() => 401);
    start(url);
    serve(4);
    await stopRequestTracer();
    expect(bodies).toHaveLength(1);
    expect((await refused()) - before).toBe(8);
  });
});
