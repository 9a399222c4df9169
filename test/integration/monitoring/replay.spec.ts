import type { PredictionLogged } from '@baton/contracts';
import { Database } from '@baton/database';
import { PredictionLog } from '@baton/monitoring/predictions/prediction-log';
import { waitFor } from '@baton/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Served } from './platform-voice.js';
import { RunningMonitoring } from './running-monitoring.js';
import { draws, referenceCsv, Replica, summer, winter } from './weather.js';

let baton: RunningMonitoring;
const others: RunningMonitoring[] = [];

beforeAll(async () => {
  baton = await RunningMonitoring.start();
});

afterAll(async () => {
  for (const other of others) await other.remove({ shared: true });
  await baton.remove();
});

/** Two years of days from several replicas, in no order of event time, with duplicates. */
function journal(served: Served): PredictionLogged[] {
  const next = draws(42);
  const replicas = Array.from({ length: 5 }, () => new Replica());
  const days = [...winter(300, 1), ...summer(200, 2)];
  const logged = days.map((day, index) => {
    const replica = replicas[index % replicas.length] ?? new Replica();
    const eventTime = new Date(Date.UTC(2012, 0, 1 + Math.floor(next() * 700))).toISOString();
    return replica.predict(served, day, { eventTime, latencyMs: next() * 20 });
  });
  return logged.flatMap((one) => (next() < 0.1 ? [one, one] : [one]));
}

interface State {
  windows: unknown[];
  parts: unknown[];
  logs: unknown[];
}

/** All that the log has led to, but for the time and the number of the closings. */
async function stateOf(running: RunningMonitoring): Promise<State> {
  const windows = await running.query<{ result: object | null }>(
    'select endpoint, starts_at, ends_at, open, result from windows order by endpoint, starts_at',
  );
  return {
    windows: windows.map((row) => ({ ...row, result: { ...row.result, closedAt: '', revision: 0 } })),
    parts: await running.query(
      `select endpoint, starts_at, partition, version, state::text from window_parts
       order by endpoint, starts_at, partition, version`,
    ),
    logs: await running.query('select * from replica_logs order by partition, replica'),
  };
}

async function settled(running: RunningMonitoring, endpoint: string, predictions: number): Promise<State> {
  await running.applied(endpoint, predictions);
  const open = async () => ((await running.query('select 1 from windows where open')).length === 0 ? true : undefined);
  await waitFor(open, { what: 'the closing of all windows', timeoutMs: 30_000 });
  return stateOf(running);
}

/** Another monitoring service with a database of its own beside the first one. */
async function beside(consumerGroupSuffix: string): Promise<RunningMonitoring> {
  const { kafka, keys, registry } = baton.around;
  const other = await RunningMonitoring.start({ consumerGroupSuffix }, { kafka, keys, registry });
  others.push(other);
  return other;
}

describe('the numbers of a window', () => {
  it('are the same to the last digit when the log is read anew from its start, however it came the first time', async () => {
    const reference = baton.around.registry.put(referenceCsv(winter(90, 9)));
    const served = await baton.voice.serve({ endpoint: 'replay', reference });
    const logged = journal(served);
    const next = draws(7);
    for (let sent = 0; sent < logged.length; ) {
      const some = 1 + Math.floor(next() * 40);
      await baton.voice.predictions(logged.slice(sent, sent + some));
      sent += some;
    }
    const first = await settled(baton, 'replay', 500);
    const again = await settled(await beside('.again'), 'replay', 500);

    expect(first.windows.length).toBeGreaterThan(20);
    expect(again).toEqual(first);
  });

  it('do not depend on how the log is cut into batches, nor on which partition is read first', async () => {
    const reference = baton.around.registry.put(referenceCsv(winter(90, 8)));
    const served = await baton.voice.serve({ endpoint: 'batches', reference });
    const logged = journal(served);
    // As in Kafka, a replica's records are on one partition, and so is a record that comes twice.
    const replicas = [...new Set(logged.map(({ replica }) => replica))];
    const partitions = [0, 1, 2].map((partition) =>
      logged
        .filter(({ replica }) => replicas.indexOf(replica) % 3 === partition)
        .map((data, offset) => ({ ...envelope(data), partition, offset: String(offset) })),
    );
    const states: State[] = [];
    for (const seed of [1, 2, 3]) {
      // Its topics are others: the predictions that it applies come from here alone.
      const alone = await RunningMonitoring.start({}, { registry: baton.around.registry });
      others.push(alone);
      await alone.voice.serve({ ...served, reference });
      await apply(alone, partitions, draws(seed));
      states.push(await settled(alone, 'batches', 500));
    }

    expect(states[1]).toEqual(states[0]);
    expect(states[2]).toEqual(states[0]);
  });
});

type Placed = ReturnType<typeof envelope> & { partition: number; offset: string };

async function apply(running: RunningMonitoring, partitions: readonly Placed[][], next: () => number): Promise<void> {
  const [database, log] = [running.app.get(Database), running.app.get(PredictionLog)];
  const positions = partitions.map(() => 0);
  const signal = new AbortController().signal;
  while (partitions.some((events, index) => (positions[index] ?? 0) < events.length)) {
    const partition = Math.floor(next() * partitions.length);
    const from = positions[partition] ?? 0;
    const batch = (partitions[partition] ?? []).slice(from, from + 1 + Math.floor(next() * 60));
    if (batch.length === 0) continue;
    positions[partition] = from + batch.length;
    await database.transaction((tx) => log.apply(batch, { tx, partition, highWatermark: '0', atEnd: false, signal }));
  }
}

function envelope(data: PredictionLogged) {
  const { prediction: id, receivedAt: time } = data;
  const subject = `${data.endpoint}/${data.replica}`;
  return { id, type: 'prediction.logged' as const, source: 'baton/inference', subject, time, correlationid: id, data };
}
