import { dedicatedPostgres, testPool, waitFor, type DedicatedPostgres } from '@baton/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunningMonitoring } from './running-monitoring.js';
import { referenceCsv, Replica, summer, winter } from './weather.js';

let postgres: DedicatedPostgres;
let baton: RunningMonitoring;

beforeAll(async () => {
  postgres = await dedicatedPostgres();
  const pool = testPool(postgres.url, 'monitoring');
  const database = {
    url: postgres.url,
    query: async <T>(sql: string, params: unknown[] = []) => (await pool.query(sql, params)).rows as T[],
    drop: () => pool.end(),
  };
  baton = await RunningMonitoring.start({}, { database });
});

afterAll(async () => {
  await baton.remove();
  await postgres.remove();
});

const reference = (seed: number) => baton.around.registry.put(referenceCsv(winter(60, seed)));

describe('with Postgres away', () => {
  it('requests get 503 and a time to try again; what is logged meanwhile is applied when it is back', async () => {
    const served = await baton.voice.serve({ endpoint: 'away', reference: reference(1) });
    const replica = new Replica();
    await baton.voice.predictions(replica.days(served, '2012-01-01T12:00:00Z', winter(20, 2)));
    await baton.applied('away', 20);
    await postgres.kill();
    const refused = await baton.get('/v1/endpoints/away/windows?limit=5');
    await baton.voice.predictions(replica.days(served, '2012-01-21T12:00:00Z', winter(10, 3)));

    expect(refused.status).toBe(503);
    expect(refused.body.code).toBe('database-away');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await fetch(`${baton.url}/readyz`)).status).toBe(503);
    await postgres.start();
    await baton.ready();
    await baton.applied('away', 30);
    const closed = await waitFor(async () => {
      const { items } = (await baton.get('/v1/endpoints/away/windows')).body;
      return items?.find(({ versions }) => versions[0]?.predictions === 30);
    });

    expect(closed.versions).toHaveLength(1);
    expect((await baton.get(`/v1/replicas/${replica.id}/log`)).body).toMatchObject({ received: 30, missing: 0 });
  });
});

describe('with the registry away', () => {
  it('predictions of a version whose reference was never seen wait, and then are compared with it', async () => {
    const { registry } = baton.around;
    registry.status = 503;
    const file = reference(4);
    const served = await baton.voice.serve({ endpoint: 'unseen', reference: file });
    await baton.voice.predictions(new Replica().days(served, '2012-07-01T12:00:00Z', summer(31, 5)));
    await waitFor(() => (registry.downloads(file.digest) >= 3 ? true : undefined), { what: 'a third try' });

    expect(await baton.query(`select 1 from predictions where endpoint = 'unseen'`)).toEqual([]);
    expect((await fetch(`${baton.url}/readyz`)).status).toBe(200);
    registry.status = undefined;
    const { data } = await baton.events.waitFor('drift.detected', ({ subject }) => subject === 'unseen', 30_000);
    expect(data?.features.map(({ name }) => name)).toContain('rain');
  });

  it('a reference that was seen once is not asked for again, even after a restart', async () => {
    const { registry } = baton.around;
    const file = reference(6);
    const served = await baton.voice.serve({ endpoint: 'seen', reference: file });
    const sql = 'select 1 from reference_profiles where digest = $1';
    await waitFor(async () => ((await baton.query(sql, [file.digest])).length === 1 ? true : undefined));
    registry.status = 503;
    await baton.stop();
    await baton.start();
    await baton.voice.predictions(new Replica().days(served, '2012-07-01T12:00:00Z', summer(31, 7)));
    await baton.events.waitFor('drift.detected', ({ subject }) => subject === 'seen', 30_000);
    registry.status = undefined;

    expect(registry.downloads(file.digest)).toBe(1);
  });
});

describe('a reference that is not what was registered', () => {
  it('is refused and said; its version is watched for all but drift', async () => {
    const file = reference(8);
    baton.around.registry.tamper(file.digest, referenceCsv(summer(60, 9)));
    const served = await baton.voice.serve({ endpoint: 'tampered', reference: file });
    await baton.voice.predictions(new Replica().days(served, '2012-07-01T12:00:00Z', summer(31, 10)));
    const subject = `reference:${file.digest}`;
    const violated = await baton.events.waitFor('integrity.violated', (event) => event.subject === subject);
    const closed = await baton.closed('tampered', '2012-07');

    expect(violated.data).toMatchObject({ kind: 'artifact', expected: file.digest, detectedBy: 'monitoring' });
    expect(violated.data?.actual).not.toBe(file.digest);
    expect(closed.versions[0]).toMatchObject({ predictions: 31, rows: 31 });
    expect(closed.versions[0]?.features.map(({ n, statistic, drifted }) => [n, statistic, drifted])).toEqual([
      [31, undefined, false],
      [31, undefined, false],
      [31, undefined, false],
    ]);
  });

  it.each([
    ['is gone', (digest: string) => baton.around.registry.remove(digest)],
    ['is no table', undefined],
  ])('holds nothing up when it %s', async (what, spoil) => {
    const endpoint = what.replaceAll(' ', '-');
    const file = spoil ? reference(11) : baton.around.registry.put('wind,rain\n"1,2\n');
    spoil?.(file.digest);
    const served = await baton.voice.serve({ endpoint, reference: file });
    await baton.voice.predictions(new Replica().days(served, '2012-07-01T12:00:00Z', summer(31, 12)));

    expect((await baton.closed(endpoint, '2012-07')).versions[0]?.predictions).toBe(31);
    expect(baton.events.of('drift.detected').filter(({ subject }) => subject === endpoint)).toEqual([]);
  });
});
