import { newId, type PredictionLogged } from '@baton/contracts';
import { listDeadLetters, replayDeadLetters } from '@baton/messaging';
import { publishKey, waitFor } from '@baton/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Served } from './platform-voice.js';
import { RunningMonitoring } from './running-monitoring.js';
import { referenceCsv, Replica, winter } from './weather.js';

let baton: RunningMonitoring;
let served: Served;

beforeAll(async () => {
  baton = await RunningMonitoring.start();
  const reference = baton.around.registry.put(referenceCsv(winter(40, 1)));
  served = await baton.voice.serve({ endpoint: 'weather', reference });
});

afterAll(async () => {
  await baton.remove();
});

async function log(...predictions: PredictionLogged[]): Promise<void> {
  await baton.voice.predictions(predictions);
  const ids = predictions.map(({ prediction }) => prediction);
  const sql = 'select 1 from predictions where prediction = any($1::uuid[])';
  const all = async () => (await baton.query(sql, [ids])).length === new Set(ids).size || undefined;
  await waitFor(all, { what: 'the predictions' });
}

describe('GET /v1/predictions/{id}', () => {
  it('tells which bytes answered, who made, approved and deployed them, and where it stands in the log', async () => {
    const logged = { ...new Replica().predict(served, [3, 4, 'sun']), requestId: 'day-1' };
    await log(logged);
    const { deployedAt } = await waitFor(async () => {
      const { body } = await baton.get(`/v1/predictions/${logged.prediction}`);
      return body.deployedAt ? body : undefined;
    });
    const { status, body } = await baton.get(`/v1/predictions/${logged.prediction}`, 'auditor');

    expect(status).toBe(200);
    expect(body).toMatchObject({
      ...logged,
      ...{ registeredBy: 'sam', registeredAt: '2026-01-02T03:04:05.000Z', metrics: { accuracy: 0.75 } },
      ...{ approvedBy: 'ann', approvedAt: '2026-01-03T00:00:00.000Z', approvalReason: 'good enough' },
      ...{ deployedBy: 'otto', offset: { partition: expect.any(Number) as number, offset: '0' } },
    });
    expect(deployedAt).toBe('2026-01-05T00:00:00.000Z');
    expect(body).not.toHaveProperty('signer');
    expect(body).not.toHaveProperty('error');
  });

  it('tells of a failed one why it failed', async () => {
    const why = { error: 'no such column', errorCode: 'invalid-request' };
    const failed = { outcome: 'failed' as const, ...why, rows: 0, outputs: [] };
    const logged = new Replica().predict(served, [3, 4, 'sun'], failed);
    await log(logged);

    expect((await baton.get(`/v1/predictions/${logged.prediction}`)).body).toMatchObject(failed);
  });

  it("tells of a shadow's answer that nobody got it", async () => {
    const [answer, shadow] = [new Replica(), new Replica()];
    const answered = answer.predict(served, [3, 4, 'sun']);
    const copied = shadow.predict(served, [3, 4, 'rain'], { shadow: true });
    await log(answered, copied);

    expect((await baton.get(`/v1/predictions/${copied.prediction}`)).body).toMatchObject(copied);
    expect((await baton.get(`/v1/predictions/${answered.prediction}`)).body).toMatchObject({ shadow: false });
  });
});

describe('what is asked wrongly', () => {
  it.each([
    ['an id that is none', '/v1/predictions/seven', 'prediction'],
    ['a replica that is none', '/v1/replicas/seven/log', 'replica'],
    ['an endpoint that is no name', '/v1/endpoints/NO!/windows', 'endpoint'],
    ['a page without end', '/v1/endpoints/weather/windows?limit=501', 'limit'],
    ['a limit that is no number', '/v1/endpoints/weather/windows?limit=x', 'limit'],
    ['a bound that is no time', '/v1/endpoints/weather/windows?from=yesterday', 'from'],
    ['a bound that no calendar has', '/v1/endpoints/weather/windows?to=2012-02-30T00:00:00Z', 'to'],
    ['a cursor that was never given', '/v1/endpoints/weather/windows?cursor=bm8', 'cursor'],
    ['a cursor of another list', '/v1/endpoints/weather/windows?cursor=ImEvYiI', 'cursor'],
    ['a field that there is not', '/v1/endpoints/weather/windows?since=2012', 'since'],
  ])('is answered with 400 and names the field: %s', async (_what, path, field) => {
    const { status, body } = await baton.get(path);

    expect(status).toBe(400);
    expect([...new Set(body.errors?.map((error) => error.field))]).toEqual([field]);
  });

  it.each([
    ['prediction', `/v1/predictions/${newId()}`],
    ['endpoint', '/v1/endpoints/nowhere/windows'],
    ['replica', `/v1/replicas/${newId()}/log`],
  ])('is answered with 404 for an unknown %s', async (what, path) => {
    const { status, body } = await baton.get(path);

    expect(status).toBe(404);
    expect(body.code).toBe(`${what}-unknown`);
  });

  it('is not answered without a key, or with a role that may not ask', async () => {
    const path = `/v1/predictions/${newId()}`;

    expect((await baton.get(path, {})).status).toBe(401);
    expect((await baton.get(path, 'viewer')).status).toBe(403);
    expect((await baton.get('/v1/endpoints/weather/windows', 'predictor')).status).toBe(403);
    expect((await baton.get(`/v1/replicas/${newId()}/log`, 'predictor')).status).toBe(403);
  });
});

describe('another project', () => {
  it('does not see predictions, windows and replicas of this one, and this one does not see its', async () => {
    const theirs = await baton.voice.serve({ endpoint: 'secret', project: 'theirs' });
    const [mine, other] = [new Replica(), new Replica()];
    const [own, foreign] = [mine.predict(served, [1, 1, 'sun']), other.predict(theirs, [1, 1, 'sun'])];
    await log(own, foreign);
    const { key } = await publishKey(baton.around.kafka, { role: 'admin', project: 'theirs' });
    const them = { authorization: `Bearer ${key}` };
    const path = (logged: PredictionLogged) => `/v1/predictions/${logged.prediction}`;
    await waitFor(async () => ((await baton.get(path(foreign), them)).status === 200 ? true : undefined));

    expect((await baton.get(path(own), them)).status).toBe(404);
    expect((await baton.get('/v1/endpoints/weather/windows', them)).status).toBe(404);
    expect((await baton.get('/v1/endpoints/secret/windows', them)).status).toBe(200);
    expect((await baton.get(`/v1/replicas/${mine.id}/log`, them)).status).toBe(404);
    expect((await baton.get(`/v1/replicas/${other.id}/log`, them)).status).toBe(200);
  });
});

describe('the log of a replica', () => {
  const logOf = async ({ id }: Replica) => (await baton.get(`/v1/replicas/${id}/log`)).body;

  it('counts what came over all endpoints, and what is missing', async () => {
    const replica = new Replica();
    const elsewhere = await baton.voice.serve({ endpoint: 'elsewhere' });
    const first = replica.predict(served, [1, 1, 'sun']);
    replica.lose(2);
    const second = replica.predict(elsewhere, [1, 1, 'sun']);
    const third = replica.predict(served, [1, 1, 'sun']);
    await log(first, second, third);

    expect(await logOf(replica)).toEqual({ replica: replica.id, received: 3, highest: 5, missing: 2 });
  });

  it('does not count what comes twice, in one batch or later; nor does its window', async () => {
    const replica = new Replica();
    const twice = await baton.voice.serve({ endpoint: 'twice' });
    const days = replica.days(twice, '2012-03-01T12:00:00Z', winter(5, 3));
    await log(...days, ...days);
    const marker = replica.predict(twice, [1, 1, 'sun'], { eventTime: '2012-03-20T00:00:00Z' });
    await log(...days, marker);
    const closed = await waitFor(async () => {
      const { items } = (await baton.get('/v1/endpoints/twice/windows')).body;
      return items?.find(({ versions }) => (versions[0]?.predictions ?? 0) >= 6);
    });

    expect(closed.versions[0]?.predictions).toBe(6);
    expect(await logOf(replica)).toMatchObject({ received: 6, highest: 6, missing: 0 });
  });

  it('is whole again when a dead letter was replayed, though later records had come', async () => {
    const replica = new Replica();
    const early = replica.predict(served, [1, 1, 'sun']);
    const poisoned = replica.predict(served, [1, 1, 'sun'], { eventTime: 'around noon' });
    const late = replica.predict(served, [1, 1, 'sun']);
    await baton.voice.predictions([poisoned]);
    await log(early, late);
    const { kafka } = baton.around;
    const dead = await waitFor(async () => {
      return (await listDeadLetters({ ...kafka, type: 'prediction.logged', limit: 10 }))[0];
    });
    expect(dead.error).toContain('eventTime');
    expect(await logOf(replica)).toMatchObject({ received: 2, highest: 3, missing: 1 });

    // What is replayed is the record as it was; somebody mends it by sending the prediction anew.
    await replayDeadLetters({ ...kafka, type: 'prediction.logged', all: true });
    await log({ ...poisoned, eventTime: poisoned.receivedAt });
    expect(await logOf(replica)).toMatchObject({ received: 3, highest: 3, missing: 0 });
  });
});

describe('retention', () => {
  it('deletes old records by their arrival, keeps their windows, and still knows a duplicate', async () => {
    const { RetentionJob } = await import('@baton/monitoring/predictions/retention.job');
    const replica = new Replica();
    const old = await baton.voice.serve({ endpoint: 'old' });
    const receivedAt = new Date(Date.now() - 401 * 86_400_000).toISOString();
    const ancient = replica.predict(old, [1, 1, 'sun'], { receivedAt, eventTime: receivedAt });
    await log(ancient);
    const kept = replica.predict(old, [1, 1, 'sun']);
    await log(kept);
    expect(await baton.app.get(RetentionJob).sweep()).toBe(1);
    expect((await baton.get(`/v1/predictions/${ancient.prediction}`)).status).toBe(404);

    await baton.voice.predictions([ancient]);
    await log(replica.predict(old, [1, 1, 'sun']));
    expect((await baton.get(`/v1/predictions/${ancient.prediction}`)).status).toBe(404);
    expect(await logOf(replica)).toMatchObject({ received: 3, highest: 3 });
    expect((await baton.get('/v1/endpoints/old/windows')).status).toBe(200);
  });

  const logOf = async ({ id }: Replica) => (await baton.get(`/v1/replicas/${id}/log`)).body;
});
