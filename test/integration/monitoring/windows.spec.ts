import { waitFor } from '@baton/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunningMonitoring, SERVICE_KEY } from './running-monitoring.js';
import { referenceCsv, Replica, summer, winter } from './weather.js';

let baton: RunningMonitoring;

beforeAll(async () => {
  baton = await RunningMonitoring.start();
});

afterAll(async () => {
  await baton.remove();
});

const reference = () => baton.around.registry.put(referenceCsv(winter(90, 1)));

describe('windows of calendar months', () => {
  it('close one after the other, find drift in the summer and none in the winter', async () => {
    const served = await baton.voice.serve({ endpoint: 'seasons', reference: reference() });
    const replica = new Replica();
    await baton.voice.predictions([
      ...replica.days(served, '2012-01-01T12:00:00Z', winter(31, 2)),
      ...replica.days(served, '2012-02-01T12:00:00Z', winter(29, 3)),
      ...replica.days(served, '2012-07-01T12:00:00Z', summer(31, 4)),
    ]);
    const [january, february, july] = [
      await baton.closed('seasons', '2012-01'),
      await baton.closed('seasons', '2012-02'),
      await baton.closed('seasons', '2012-07'),
    ];

    expect(january).toMatchObject({
      ...{ project: 'default', start: '2012-01-01T00:00:00.000Z', end: '2012-02-01T00:00:00.000Z', revision: 1 },
      versions: [{ model: 'seasons', version: 1, digest: served.digest, predictions: 31, failures: 0, rows: 31 }],
    });
    const drifted = (window: typeof january) =>
      window.versions.flatMap(({ features }) => features.filter((feature) => feature.drifted)).map(({ name }) => name);
    expect(drifted(january)).toEqual([]);
    expect(drifted(february)).toEqual([]);
    expect(drifted(july)).toEqual(['rain', 'kind']);
    expect(january.versions[0]?.latencyP50Ms).toBeCloseTo(5, 1);

    const { data: drift } = await baton.events.waitFor('drift.detected', ({ subject }) => subject === 'seasons');
    expect(drift).toMatchObject({
      ...{ endpoint: 'seasons', model: 'seasons', version: 1, digest: served.digest, revision: 1 },
      ...{ start: '2012-07-01T00:00:00.000Z', reference: reference().digest },
      features: [
        { name: 'rain', role: 'input', kind: 'numeric', n: 31, missing: 0, method: 'psi', drifted: true },
        { name: 'kind', role: 'output', kind: 'categorical', n: 31, outOfRange: 0, method: 'psi', drifted: true },
      ],
    });
    const [rain] = drift?.features ?? [];
    expect(rain?.statistic).toBeGreaterThan(rain?.threshold ?? Infinity);
    expect(baton.events.of('drift.detected').filter(({ subject }) => subject === 'seasons')).toHaveLength(1);
  });

  it('are listed with the latest first, by pages and bounds', async () => {
    const path = '/v1/endpoints/seasons/windows';
    const months = (items: { start: string }[] = []) => items.map(({ start }) => start.slice(0, 7));
    const all = (await baton.get(path)).body;
    const first = (await baton.get(`${path}?limit=2`)).body;
    const second = (await baton.get(`${path}?limit=2&cursor=${String(first.nextCursor)}`)).body;
    const some = (await baton.get(`${path}?from=2012-02-01T00:00:00Z&to=2012-07-01T00:00:00Z`)).body;

    expect(months(all.items)).toEqual(['2012-07', '2012-02', '2012-01']);
    expect(all.items?.map(({ driftedFeatures }) => driftedFeatures)).toEqual([['rain', 'kind'], [], []]);
    expect(all.nextCursor).toBeUndefined();
    expect([months(first.items), months(second.items)]).toEqual([['2012-07', '2012-02'], ['2012-01']]);
    expect(second.nextCursor).toBeUndefined();
    expect(months(some.items)).toEqual(['2012-02']);
  });

  it('fetched the reference once, with the key of the service', async () => {
    const { registry } = baton.around;
    const { digest } = reference();

    expect(registry.downloads(digest)).toBe(1);
    expect(registry.asked[0]?.authorization).toBe(`Bearer ${SERVICE_KEY}`);
    expect(await baton.query('select digest from reference_profiles')).toEqual([{ digest }]);
  });
});

describe('a window', () => {
  it('is corrected by a late event, and says the drift again', async () => {
    const served = await baton.voice.serve({ endpoint: 'late', reference: reference() });
    const replica = new Replica();
    await baton.voice.predictions(replica.days(served, '2012-07-01T12:00:00Z', summer(30, 5)));
    await baton.closed('late', '2012-07');
    await baton.voice.predictions(replica.days(served, '2012-07-31T12:00:00Z', summer(1, 6)));
    const corrected = await baton.closed('late', '2012-07', 2);

    expect(corrected.versions[0]?.predictions).toBe(31);
    await baton.events.waitFor('drift.detected', ({ data }) => data?.endpoint === 'late' && data.revision === 2);
    const { items } = (await baton.get('/v1/endpoints/late/windows')).body;
    expect(items).toMatchObject([{ revision: 2, versions: [{ predictions: 31 }] }]);
  });

  it('merges what several replicas logged on several partitions', async () => {
    const served = await baton.voice.serve({ endpoint: 'many', reference: reference() });
    const replicas = Array.from({ length: 12 }, () => new Replica());
    const days = winter(120, 7);
    const logged = replicas.flatMap((replica, index) =>
      replica.days(served, '2012-01-01T12:00:00Z', days.slice(index * 10, index * 10 + 10)),
    );
    await baton.voice.predictions(logged);
    await baton.applied('many', 120);
    const { items } = await lastWindow('many', 120);
    const [version] = items?.[0]?.versions ?? [];
    const partitions = await baton.query('select distinct partition from window_parts where endpoint = $1', ['many']);

    expect(partitions.length).toBeGreaterThan(1);
    expect(version?.features.find(({ name }) => name === 'rain')).toMatchObject({ n: 120, drifted: false });
  });

  it('of seconds closes as soon as a later event has passed it and its lateness', async () => {
    const policy = { window: '3600', latenessSeconds: 60 };
    const served = await baton.voice.serve({ endpoint: 'hours', reference: reference(), policy });
    const replica = new Replica();
    const at = (time: string) => replica.predict(served, [1, 2, 'sun'], { eventTime: `2020-05-01T${time}Z` });
    await baton.voice.predictions([at('10:00:00'), at('10:59:59'), at('11:00:59'), at('11:01:00')]);
    const window = await baton.closed('hours', '2020-05-01T10');

    expect(window).toMatchObject({ end: '2020-05-01T11:00:00.000Z', versions: [{ predictions: 2 }] });
  });

  it('keeps the versions of a rollout apart, and failures from answers', async () => {
    const one = await baton.voice.serve({ endpoint: 'rollout', reference: reference() });
    const replica = new Replica();
    const first = replica.days(one, '2012-01-01T12:00:00Z', winter(10, 8));
    const two = await baton.voice.serve({ endpoint: 'rollout', version: 2 });
    const second = replica.days(two, '2012-01-11T12:00:00Z', winter(5, 9));
    const failed = replica.predict(two, [1, 1, 'sun'], {
      ...{ eventTime: '2012-01-20T00:00:00Z', outcome: 'failed', error: 'shape', rows: 0, outputs: [] },
    });
    await baton.voice.predictions([...first, ...second, failed]);
    const { items } = await lastWindow('rollout', 16);

    expect(items?.[0]?.versions).toMatchObject([
      { version: 1, predictions: 10, failures: 0, rows: 10 },
      { version: 2, predictions: 6, failures: 1, rows: 5 },
    ]);
  });

  it("counts no shadow's answers among those that somebody got", async () => {
    const one = await baton.voice.serve({ endpoint: 'shadowed', reference: reference() });
    const two = await baton.voice.serve({ endpoint: 'shadowed', version: 2, reference: reference() });
    const replica = new Replica();
    const days = winter(30, 11);
    const hidden = { shadow: true, latencyMs: 900 };
    const shadows = replica.days(two, '2012-01-01T12:00:00Z', days).map((logged) => ({ ...logged, ...hidden }));
    const failed = { ...hidden, outcome: 'failed' as const, rows: 0, outputs: [], eventTime: '2012-01-02T00:00:00Z' };
    await baton.voice.predictions([
      ...replica.days(one, '2012-01-01T12:00:00Z', days.slice(0, 20)),
      ...shadows,
      ...[one, two].map((version) => replica.predict(version, [1, 1, 'sun'], failed)),
    ]);
    await baton.applied('shadowed', 52);
    const { items } = await lastWindow('shadowed', 20);
    const [first, second] = items?.[0]?.versions ?? [];

    expect(first).toMatchObject({ version: 1, predictions: 20, failures: 0, rows: 20 });
    expect(first?.latencyP99Ms).toBeLessThan(20);
    expect(first?.features.map(({ n }) => n)).toEqual([20, 20, 20]);
    expect(second).toMatchObject({ version: 2, predictions: 0, failures: 0, rows: 0 });
    expect(second).not.toHaveProperty('latencyP50Ms');
    expect(second?.features.map(({ n }) => n)).toEqual([30, 30, 30]);
  });

  it('does not close because somebody names a day of the future', async () => {
    const served = await baton.voice.serve({ endpoint: 'future', reference: reference() });
    const replica = new Replica();
    const thisMonth = new Date().toISOString();
    await baton.voice.predictions([
      replica.predict(served, [1, 2, 'sun'], { eventTime: thisMonth }),
      replica.predict(served, [1, 2, 'sun'], { eventTime: '2099-01-01T00:00:00Z' }),
      replica.predict(served, [1, 2, 'sun'], { eventTime: '2012-01-01T00:00:00Z' }),
    ]);
    await baton.closed('future', '2012-01');
    const open = await baton.query('select starts_at from windows where endpoint = $1 and open', ['future']);

    expect(open).toHaveLength(2);
  });

  it('does not watch what is not logged', async () => {
    const policy = { features: { rain: 'hash' as const, kind: 'none' as const } };
    const served = await baton.voice.serve({ endpoint: 'private', reference: reference(), policy });
    const replica = new Replica();
    const hashed = replica.days(served, '2012-01-01T12:00:00Z', winter(25, 10)).map((logged) => ({
      ...logged,
      inputs: [{ name: 'x', datatype: 'FP64' as const, shape: [1, 2], data: [5, 'b1946ac92492d234'] }],
      outputs: [{ name: 'kind', datatype: 'BYTES' as const, shape: [1] }],
    }));
    await baton.voice.predictions(hashed);
    const { items } = await lastWindow('private', 25);

    expect(items?.[0]?.versions[0]?.features).toMatchObject([{ name: 'wind', n: 25, missing: 0 }]);
  });
});

/** The endpoint's windows once they hold so many predictions. */
async function lastWindow(endpoint: string, predictions: number) {
  return waitFor(async () => {
    const { body } = await baton.get(`/v1/endpoints/${endpoint}/windows`);
    const versions = (body.items ?? []).flatMap((window) => window.versions);
    return versions.reduce((sum, version) => sum + version.predictions, 0) === predictions ? body : undefined;
  });
}
