import { freePorts } from '@baton/backing';
import { TraceReceiver, type ReceivedSpan } from '@baton/telemetry';
import { testDatabase, waitFor, type TestDatabase } from '@baton/testing';
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ServiceProcess } from './service-process.js';

let database: TestDatabase;
let receiver: TraceReceiver;
let service: ServiceProcess | undefined;

async function start(env: NodeJS.ProcessEnv = {}): Promise<string> {
  const [grpcPort = 0] = await freePorts(1);
  service = ServiceProcess.start('./traced-main.ts', {
    DATABASE_URL: database.url,
    GRPC_PORT: String(grpcPort),
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    ...env,
  });
  const url = await service.url();
  await waitFor(async () => ((await fetch(`${url}/readyz`)).ok ? true : undefined));
  return url;
}

/** The headers of a caller that has a trace of its own. */
function caller(sampled = true) {
  const traceId = randomBytes(16).toString('hex');
  const spanId = randomBytes(8).toString('hex');
  return { traceId, spanId, headers: { traceparent: `00-${traceId}-${spanId}-0${sampled ? 1 : 0}` } };
}

beforeAll(async () => {
  database = await testDatabase('traced');
  receiver = await TraceReceiver.start();
});

afterEach(async () => {
  service?.process.kill('SIGKILL');
  await service?.ended();
});

afterAll(async () => {
  await receiver?.close();
  await database?.drop();
});

describe("a service's trace", () => {
  it('goes on from the caller through http, pg, grpc and fetch, and is all sent when the service stops', async () => {
    const url = await start();
    const { traceId, spanId, headers } = caller();
    const answer = await fetch(`${url}/v1/chain/one`, { headers });
    expect(await answer.json()).toEqual({ said: 'hello', leaf: { leaf: true } });
    service?.process.kill('SIGTERM');
    expect(await service?.ended()).toBe(0);

    const spans = receiver.spans(traceId);
    const below = (parent: ReceivedSpan | undefined, kind: string, name: RegExp) =>
      spans.find((span) => span.parentSpanId === parent?.spanId && span.kind === kind && name.test(span.name));
    const request = spans.find((span) => span.parentSpanId === spanId);
    expect(request).toMatchObject({ name: 'GET /v1/chain/:link', kind: 'server', service: 'traced', failed: false });
    expect(request?.attributes['http.route']).toBe('/v1/chain/:link');
    const statement = below(request, 'client', /^pg.*select/i);
    expect(statement?.attributes['db.query.text']).toBe("select 'hello' as text");
    const call = below(request, 'client', /echo\.Echo\/Say/);
    expect(below(call, 'server', /echo\.Echo\/Say/)).toBeDefined();
    const fetched = below(request, 'client', /^GET$/);
    expect(below(fetched, 'server', /^GET \/v1\/leaf$/)).toBeDefined();
    expect(JSON.stringify(fetched)).not.toContain('hush');
    expect(service?.lines.find(({ message }) => message === 'in the chain')).toMatchObject({ trace_id: traceId });
  });

  it('is in the answer and the log of a request that failed', async () => {
    const url = await start();
    const { traceId, headers } = caller();
    const answer = await fetch(`${url}/v1/broken`, { headers });
    expect(answer.status).toBe(500);
    expect(await answer.json()).toMatchObject({ code: 'internal', traceId });
    const line = await service?.said('a request failed');
    expect(line).toMatchObject({ level: 'error', trace_id: traceId, path: '/v1/broken' });
    expect(JSON.stringify(line)).toContain('selekt');
    const has = (spans: readonly ReceivedSpan[]) =>
      spans.some((span) => span.traceId === traceId && span.kind === 'server');
    const spans = (await receiver.waitFor(has)).filter((span) => span.traceId === traceId);
    expect(spans.filter(({ failed }) => failed).map(({ kind }) => kind)).toContain('server');
  });

  it('is not made of what machines ask, nor of statements without a request', async () => {
    const before = receiver.spans().length;
    const url = await start();
    for (const path of ['/livez', '/readyz', '/readyz?full', '/metrics']) await fetch(`${url}${path}`);
    const { traceId, headers } = caller();
    await fetch(`${url}/v1/leaf`, { headers });
    service?.process.kill('SIGTERM');
    await service?.ended();
    const made = receiver.spans().slice(before);
    expect(made.map((span) => `${span.traceId} ${span.name}`)).toEqual([`${traceId} GET /v1/leaf`]);
  });

  it("follows the caller's decision, and its own share for traces that begin here", async () => {
    const url = await start({ OTEL_TRACES_SAMPLER_ARG: '0' });
    const before = receiver.spans().length;
    const [kept, dropped] = [caller(), caller(false)];
    await fetch(`${url}/v1/leaf`, { headers: kept.headers });
    await fetch(`${url}/v1/leaf`, { headers: dropped.headers });
    await fetch(`${url}/v1/leaf`);
    service?.process.kill('SIGTERM');
    await service?.ended();
    expect(
      receiver
        .spans()
        .slice(before)
        .map(({ traceId }) => traceId),
    ).toEqual([kept.traceId]);
  });

  it('does not keep a service from working or stopping while the collector is away', async () => {
    const [port] = await freePorts(1);
    const url = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` });
    expect((await fetch(`${url}/v1/leaf`, { headers: caller().headers })).status).toBe(200);
    expect(await service?.said('traces do not get through')).toMatchObject({ level: 'warn', logger: 'telemetry' });
    service?.process.kill('SIGTERM');
    expect(await service?.ended()).toBe(0);
  });

  it('is off without a collector, and a failure still has an id that leads to its log entry', async () => {
    const url = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: '' });
    const answer = (await (await fetch(`${url}/v1/broken`)).json()) as { traceId: string };
    expect(answer.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(await service?.said('a request failed')).toMatchObject({ trace_id: answer.traceId });
  });
});
