import { freePorts } from '@baton/backing';
import { TraceReceiver, type ReceivedSpan } from '@baton/telemetry';
import { testDatabase, waitFor, type TestDatabase } from '@baton/testing';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ServiceProcess } from './service-process.js';

let database: TestDatabase;
let receiver: TraceReceiver;
let service: ServiceProcess;
let url: string;

async function start(env: NodeJS.ProcessEnv = {}): Promise<void> {
  const [grpcPort = 0] = await freePorts(1);
  service = ServiceProcess.start('traced-main.js', {
    ECHO_PROTO: fileURLToPath(new URL('./echo.proto', import.meta.url)),
    DATABASE_URL: database.url,
    GRPC_PORT: String(grpcPort),
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    ...env,
  });
  url = await service.url();
  await waitFor(async () => ((await fetch(`${url}/readyz`)).ok ? true : undefined));
}

/** What is on its way to the collector arrives before the process ends. */
async function stop(): Promise<void> {
  service.process.kill('SIGTERM');
  expect(await service.ended()).toBe(0);
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
  service.process.kill('SIGKILL');
  await service.ended();
});

afterAll(async () => {
  await receiver?.close();
  await database?.drop();
});

describe("a service's trace", () => {
  it('goes on through http, pg, grpc and fetch, is in answers and log of failures, and has no noise in it', async () => {
    await start();
    for (const path of ['/livez', '/readyz', '/readyz?full', '/metrics']) await fetch(`${url}${path}`);
    const [whole, broken] = [caller(), caller()];
    const answer = await fetch(`${url}/v1/chain/one`, { headers: whole.headers });
    expect(await answer.json()).toEqual({ said: 'hello', leaf: { leaf: true } });
    const failure = await fetch(`${url}/v1/broken`, { headers: broken.headers });
    expect(failure.status).toBe(500);
    expect(await failure.json()).toMatchObject({ code: 'internal', traceId: broken.traceId });
    await stop();

    expectChain(receiver.spans(whole.traceId), whole.spanId);
    const failed = receiver.spans(broken.traceId).filter((span) => span.failed);
    expect(failed.map(({ kind }) => kind).sort()).toEqual(['client', 'server']);
    const { lines } = service;
    expect(lines.find(({ message }) => message === 'in the chain')).toMatchObject({ trace_id: whole.traceId });
    const told = lines.find(({ message }) => message === 'a request failed');
    expect(told).toMatchObject({ level: 'error', trace_id: broken.traceId, path: '/v1/broken' });
    expect(JSON.stringify(told)).toContain('selekt');
    const others = receiver.spans().filter(({ traceId }) => ![whole.traceId, broken.traceId].includes(traceId));
    expect(others).toEqual([]);
  });

  it("follows the caller's decision, and its own share for traces that begin here", async () => {
    await start({ OTEL_TRACES_SAMPLER_ARG: '0' });
    const before = receiver.spans().length;
    const [kept, dropped] = [caller(), caller(false)];
    await fetch(`${url}/v1/leaf`, { headers: kept.headers });
    await fetch(`${url}/v1/leaf`, { headers: dropped.headers });
    await fetch(`${url}/v1/leaf`);
    await stop();
    const made = receiver.spans().slice(before);
    expect(made.map(({ traceId }) => traceId)).toEqual([kept.traceId]);
  });

  it('does not keep a service from working or stopping while the collector is away', async () => {
    const [port] = await freePorts(1);
    await start({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` });
    expect((await fetch(`${url}/v1/leaf`, { headers: caller().headers })).status).toBe(200);
    expect(await service.said('traces do not get through')).toMatchObject({ level: 'warn', logger: 'telemetry' });
    await stop();
  });

  it('is off without a collector, and a failure still has an id that leads to its log entry', async () => {
    await start({ OTEL_EXPORTER_OTLP_ENDPOINT: '' });
    const answer = (await (await fetch(`${url}/v1/broken`)).json()) as { traceId: string };
    expect(answer.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(await service.said('a request failed')).toMatchObject({ trace_id: answer.traceId });
  });
});

/** The request, and below it the statement, the call by gRPC and the one by REST, each with its other end. */
function expectChain(spans: readonly ReceivedSpan[], callerId: string): void {
  const below = (parent: ReceivedSpan | undefined, kind: string, name: RegExp) =>
    spans.find((span) => span.parentSpanId === parent?.spanId && span.kind === kind && name.test(span.name));
  const request = spans.find((span) => span.parentSpanId === callerId);
  expect(request).toMatchObject({ name: 'GET /v1/chain/:link', kind: 'server', service: 'traced', failed: false });
  expect(request?.attributes['http.route']).toBe('/v1/chain/:link');
  const statement = below(request, 'client', /^pg.*select/i);
  expect(statement?.attributes['db.query.text']).toBe("select 'hello' as text");
  const call = below(request, 'client', /echo\.Echo\/Say/);
  expect(below(call, 'server', /echo\.Echo\/Say/)).toBeDefined();
  const fetched = below(request, 'client', /^GET$/);
  expect(below(fetched, 'server', /^GET \/v1\/leaf$/)).toBeDefined();
  expect(JSON.stringify(fetched)).not.toContain('hush');
}
