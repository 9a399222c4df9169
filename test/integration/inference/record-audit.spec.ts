import { newId, type PredictionLogged } from '@baton/contracts';
import { EventProducer, MessagingOptions } from '@baton/messaging';
import { waitFor } from '@baton/testing';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { baton as command } from '../../support/baton-command.js';
import { testModel } from './released-models.js';
import { RunningInference } from './running-inference.js';

interface Report {
  complete: boolean;
  problems: string[];
  unrecorded?: string[];
  replicas: {
    replica: string;
    first: number;
    last: number;
    records: number;
    waiting: number;
    gaps: { first: number; last: number }[];
    conflicts: number[];
    versions: { endpoint: string; version: number; records: number }[];
  }[];
}

const COUNT = 40;
const good = { inputs: [{ name: 'input', datatype: 'FP32', shape: [1, 4], data: [5.1, 3.5, 1.4, 0.2] }] };

let baton: RunningInference;
let producer: EventProducer;
const answered: string[] = [];

beforeAll(async () => {
  baton = await RunningInference.start();
  const { brokers, prefix } = baton.kafka;
  producer = new EventProducer(
    new MessagingOptions({ service: 'inference', brokers: [...brokers], prefix, outbox: false }),
  );
  await baton.deploy('iris', testModel('iris'), {}, 2);
  await baton.deploy('other', testModel('iris'));
  for (let index = 0; index < COUNT; index += 1) {
    const { body } = await baton.infer(index % 4 === 0 ? 'other' : 'iris', good);
    answered.push(String(body.parameters?.['prediction']));
  }
  const arrived = () => baton.events.of('prediction.logged').length >= COUNT;
  await waitFor(() => (arrived() ? true : undefined), { what: 'the log' });
});

afterAll(async () => {
  await producer.onModuleDestroy();
  await baton.remove();
});

async function audit(...args: string[]): Promise<{ code: number; report: Report }> {
  const { brokers, prefix } = baton.kafka;
  const env = {
    KAFKA_BROKERS: brokers.join(),
    KAFKA_PREFIX: prefix,
    BATON_KEY: 'none',
    BATON_REGISTRY_URL: 'http://127.0.0.1:1',
  };
  const all = ['audit', 'predictions', '--json', ...args];
  const { code, stdout, stderr } = await command(baton.folder, all, env);
  if (stdout === '') throw new Error(stderr);
  return { code, report: JSON.parse(stdout) as Report };
}

const lastLogged = () => {
  const all = baton.events.of('prediction.logged').flatMap(({ data }) => data ?? []);
  return all.toSorted((a, b) => a.sequence - b.sequence).at(-1) as PredictionLogged;
};

/** Says on Kafka what no replica would say. */
const say = (data: PredictionLogged) => producer.send([{ type: 'prediction.logged', data, id: data.prediction }]);

describe('baton audit predictions', { timeout: 120_000 }, () => {
  it('proves that every answered prediction is on record once, by Kafka and by the spool', async () => {
    const file = join(baton.folder, 'answered');
    writeFileSync(file, answered.join('\n'));
    const spool = join(baton.config.dataDir, 'spool');
    const { code, report } = await audit('--no-monitoring', '--answered', file, '--spool', spool);
    expect(report).toMatchObject({ complete: true, problems: [], unrecorded: [] });
    expect(report.replicas).toHaveLength(1);
    expect(report.replicas[0]).toMatchObject({ first: 1, last: COUNT, records: COUNT, waiting: 0, gaps: [] });
    expect(report.replicas[0]?.versions).toEqual([
      { endpoint: 'iris', version: 2, records: COUNT - COUNT / 4 },
      { endpoint: 'other', version: 1, records: COUNT / 4 },
    ]);
    expect(code).toBe(0);
  });

  it('finds a prediction that was answered and is on no record', async () => {
    const file = join(baton.folder, 'answered');
    const stranger = newId();
    writeFileSync(file, [...answered, stranger].join('\n'));
    const { code, report } = await audit('--no-monitoring', '--answered', file);
    expect(report).toMatchObject({ complete: false, unrecorded: [stranger] });
    expect(code).toBe(1);
  });

  it('reads a spool alone', async () => {
    const { report } = await audit('--no-kafka', '--spool', join(baton.config.dataDir, 'spool'));
    expect(report.replicas[0]).toMatchObject({ first: 1, last: COUNT, records: COUNT, gaps: [], conflicts: [] });
  });

  it('will not take silence for consent: the monitoring service must be there, or left out', async () => {
    const failed = await audit().catch((error: unknown) => String(error));
    expect(failed).toContain('does not answer');
  });

  it('finds a gap, and a number that two predictions have; what comes again is no fault', async () => {
    const last = lastLogged();
    await say(last);
    await say({ ...last, prediction: newId(), sequence: last.sequence + 3 });
    await say({ ...last, prediction: newId() });
    const { code, report } = await audit('--no-monitoring');
    expect(report.replicas[0]).toMatchObject({
      gaps: [{ first: last.sequence + 1, last: last.sequence + 2 }],
      conflicts: [last.sequence],
    });
    expect(report.problems).toHaveLength(2);
    expect(code).toBe(1);
  });
});
