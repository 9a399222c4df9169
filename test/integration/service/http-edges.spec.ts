import { createService, type ProblemBody, type RunningService } from '@baton/service';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SlowConfig, slowService } from './slow-service.js';

let service: RunningService;

async function problem(path: string, init: RequestInit = {}) {
  const answer = await fetch(`${service.url}${path}`, init);
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  const body = (await answer.json()) as ProblemBody;
  expect(body.status).toBe(answer.status);
  return { status: answer.status, code: body.code, body, headers: answer.headers };
}

const post = (body: string | undefined, type = 'application/json') =>
  problem('/v1/slow', {
    method: 'POST',
    ...(body === undefined ? {} : { body }),
    ...(type ? { headers: { 'content-type': type } } : {}),
  });

beforeAll(async () => {
  service = await createService(slowService, new SlowConfig());
});

afterAll(() => service?.close());

describe('a request that is wrong', () => {
  it.each([
    ['broken JSON', '{"size":', 'application/json', 400, 'bad-request'],
    ['no body', undefined, '', 400, 'invalid-request'],
    ['an empty body', '', 'application/json', 400, 'bad-request'],
    ['a body of another type', '<size/>', 'text/xml', 415, 'unsupported-media-type'],
    ['a body that is too large', JSON.stringify({ more: 'x'.repeat(1_100_000) }), 'application/json', 413, 'too-large'],
    ['a body that poisons prototypes', '{"__proto__":{"size":1}}', 'application/json', 400, 'bad-request'],
  ])('with %s is told as a problem', async (_, body, type, status, code) => {
    expect(await post(body, type)).toMatchObject({ status, code });
  });

  it.each([
    ['[]', ['size', 'parts']],
    ['null', ['size']],
    ['"text"', ['size', 'parts']],
    ['{}', ['size']],
    ['{"size":"1"}', ['size']],
    ['{"size":1,"colour":"red"}', ['colour']],
    ['{"size":1,"parts":[{"name":"a"},{"name":2},{}]}', ['parts.1.name', 'parts.2.name']],
  ])('with %s names the fields %j', async (body, fields) => {
    const { status, body: told } = await post(body);
    expect(status).toBe(400);
    expect([...new Set(told.errors?.map(({ field }) => field))]).toEqual(fields);
    expect(told.detail).toBe(`the request is not valid: ${fields.join(', ')}`);
  });

  it.each([
    ['GET', '/v1/nothing', 404, 'not-found'],
    ['DELETE', '/v1/slow', 404, 'not-found'],
    ['GET', '/v1/%zz', 400, 'bad-request'],
  ])('for %s %s is told as a problem', async (method, path, status, code) => {
    expect(await problem(path, { method })).toMatchObject({ status, code });
  });
});

describe('a request that fails here', () => {
  it.each(['bug', 'nest'])('does not tell why, but gives the id that leads to it (%s)', async (how) => {
    const { status, code, body } = await problem(`/v1/slow/broken?how=${how}&key=hush`);
    expect({ status, code }).toEqual({ status: 500, code: 'internal' });
    expect(body.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(body.instance).toBe('/v1/slow/broken');
    expect(JSON.stringify(body)).not.toContain('secret');
  });

  it('says when to try again if the fault passes', async () => {
    const { status, headers } = await problem('/v1/slow/broken?how=away');
    expect(status).toBe(503);
    expect(headers.get('retry-after')).toBe('7');
  });
});

describe('what machines watch', () => {
  it('is there without a key', async () => {
    expect(await (await fetch(`${service.url}/livez`)).json()).toEqual({ status: 'ok' });
    expect(await (await fetch(`${service.url}/readyz`)).json()).toEqual({ status: 'ready' });
  });

  it('counts requests by their route, not by what was asked for', async () => {
    await fetch(`${service.url}/v1/slow/broken?how=away`);
    await fetch(`${service.url}/v1/no-such-thing-1`);
    await fetch(`${service.url}/v1/no-such-thing-2`);
    const answer = await fetch(`${service.url}/metrics`);
    const text = await answer.text();
    expect(answer.headers.get('content-type')).toContain('text/plain');
    expect(text).toMatch(
      /http_request_duration_seconds_count{method="GET",route="\/v1\/slow\/broken",status="503"} \d/,
    );
    expect(text).not.toContain('no-such-thing');
  });

  it('tells why the service is not ready, without secrets', async () => {
    const other = await createService(slowService, new SlowConfig());
    const { Readiness } = await import('@baton/service');
    other.app.get(Readiness).add('queue', () => 'no answer from amqp://user:hush@queue');
    const answer = await fetch(`${other.url}/readyz`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({
      status: 'not ready',
      missing: { queue: 'no answer from amqp://user:***@queue' },
    });
    await Promise.all([other.close(), other.close()]);
  });
});
