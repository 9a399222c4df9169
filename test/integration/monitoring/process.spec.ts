import type { BatonEvent } from '@baton/contracts';
import { TraceReceiver } from '@baton/telemetry';
import { testDatabase, waitFor } from '@baton/testing';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MonitoringProcess, run } from './monitoring-process.js';
import { RunningMonitoring } from './running-monitoring.js';
import { referenceCsv, Replica, summer, winter } from './weather.js';

let baton: RunningMonitoring;
let traces: TraceReceiver;
let child: MonitoringProcess | undefined;

beforeAll(async () => {
  [baton, traces] = [await RunningMonitoring.prepare(), await TraceReceiver.start()];
});

afterAll(async () => {
  await child?.kill();
  await traces.close();
  await baton.remove();
});

const start = async () => (child = await MonitoringProcess.start(baton, { OTEL_EXPORTER_OTLP_ENDPOINT: traces.url }));
const reference = () => baton.around.registry.put(referenceCsv(winter(60, 1)));
const traceOf = ({ traceparent }: BatonEvent) => traceparent?.split('-')[1];

it('migrates an empty database when told so', async () => {
  const { url, drop } = await testDatabase('monitoring');
  expect(await once(run('migrate.js', { DATABASE_URL: url }), 'exit')).toEqual([0, null]);
  await drop();
});

it('goes on with the trace of the first prediction of a window, up to its drift', async () => {
  await start();
  const served = await baton.voice.serve({ endpoint: 'traced', reference: reference() });
  const days = new Replica().days(served, '2012-07-01T12:00:00Z', summer(30, 2)).reverse();
  const trace = randomBytes(16).toString('hex');
  await baton.voice.predictions(days, (index) => {
    // Event time counts, not arrival: the first of July came last.
    const isFirst = index === days.length - 1;
    return `00-${isFirst ? trace : randomBytes(16).toString('hex')}-00f067aa0ba902b7-01`;
  });
  const closed = await baton.events.waitFor('window.closed', ({ subject }) => subject === 'traced', 30_000);
  const drift = await baton.events.waitFor('drift.detected', ({ subject }) => subject === 'traced');
  await traces.waitFor((spans) => spans.some((span) => span.traceId === trace && span.name === 'close window'));
  const [span] = traces.spans(trace).filter(({ name }) => name === 'close window');

  expect([closed, drift].map(traceOf)).toEqual([trace, trace]);
  expect(drift.causationid).toBe(closed.id);
  expect(span).toMatchObject({ service: 'monitoring', parentSpanId: '00f067aa0ba902b7', failed: false });
  await traces.waitFor(() => traces.spans(trace).some(({ kind }) => kind === 'producer'));
  const links = traces.spans().filter(({ name, kind }) => name.includes('prediction.logged') && kind === 'consumer');
  expect(links.flatMap((batch) => batch.links).some(({ traceId }) => traceId === trace)).toBe(true);
});

it('counts every prediction once, however often it is killed in the middle', async () => {
  const served = await baton.voice.serve({ endpoint: 'killed', reference: reference() });
  const replicas = Array.from({ length: 4 }, () => new Replica());
  /** The last ones come after the kill, however quick everything was until then. */
  const send = async (round: number, killed: Promise<void>) => {
    for (const [index, replica] of replicas.entries()) {
      const days = replica.days(served, '2012-01-01T00:00:00Z', winter(300, round * 10 + index));
      const logged = days.map((day) => ({ ...day, eventTime: '2012-01-15T00:00:00Z' }));
      for (let from = 0; from < logged.length; from += 20) {
        if (index === replicas.length - 1 && from === 280) await killed;
        await baton.voice.predictions(logged.slice(from, from + 20));
      }
    }
  };
  for (const round of [0, 1]) {
    const killed = Promise.withResolvers<void>();
    const sending = send(round, killed.promise);
    await baton.applied('killed', round * 1200 + 200);
    await child?.kill();
    killed.resolve();
    await sending;
    await start();
  }
  await baton.applied('killed', 2400);
  const window = await waitFor(
    async () => {
      const headers = baton.around.keys.admin;
      const answer = await fetch(`${String(child?.url)}/v1/endpoints/killed/windows`, { headers });
      const { items } = (await answer.json()) as { items: { revision: number; versions: { predictions: number }[] }[] };
      return items.find(({ versions }) => (versions[0]?.predictions ?? 0) === 2400);
    },
    { timeoutMs: 30_000, what: 'the whole window' },
  );

  expect(window.versions).toMatchObject([{ predictions: 2400, rows: 2400, features: [{ n: 2400 }, {}, {}] }]);
  const logs = await baton.query<{ last: number; received: number }>(
    'select max(last)::int as last, sum(received)::int as received from replica_logs where replica = any($1::uuid[]) group by replica',
    [replicas.map(({ id }) => id)],
  );
  expect(logs).toEqual(replicas.map(() => ({ last: 600, received: 600 })));
  const fits = (event: BatonEvent<'window.closed'>) =>
    event.subject === 'killed' && event.data?.revision === window.revision;
  await baton.events.waitFor('window.closed', fits);
  const revisions = new Map(
    baton.events
      .of('window.closed')
      .filter(({ subject }) => subject === 'killed')
      .map(({ id, data }) => [id, data?.revision]),
  );
  expect([...revisions.values()].sort()).toEqual(Array.from({ length: window.revision }, (_, index) => index + 1));
});

it('ends in order when told to', async () => {
  expect(await child?.stop()).toBe(0);
});
