import { newId } from '@baton/contracts';
import {
  EventProducer,
  OnBatch,
  OnEvent,
  Outbox,
  type BatonEventAt,
  type DataEvent,
  type EventContext,
} from '@baton/messaging';
import {
  shutdownTelemetry,
  startTelemetry,
  traceHeaders,
  TraceReceiver,
  withSpan,
  type ReceivedSpan,
} from '@baton/telemetry';
import { collectEvents, testDatabase, testKafka, type TestDatabase, type TestKafka } from '@baton/testing';
import { Controller } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LEDGER_SCHEMA, ledgerTables, startLedger, type Ledger } from './ledger.js';

@Controller()
class Relays {
  constructor(readonly outbox: Outbox) {}

  @OnEvent('alias.changed')
  async changed({ data }: DataEvent<'alias.changed'>, { tx }: EventContext): Promise<void> {
    await this.outbox.publish(tx, 'access.key', {
      ...{ id: data.model, hash: 'a'.repeat(64), name: 'follows', roles: ['viewer'], project: null, expiresAt: null },
      createdAt: new Date().toISOString(),
    });
  }

  @OnBatch('replica.reported')
  async reported(_batch: BatonEventAt<'replica.reported'>[]): Promise<void> {
    await Promise.resolve();
  }
}

let kafka: TestKafka;
let database: TestDatabase;
let receiver: TraceReceiver;
let ledger: Ledger;

const named = (spans: readonly ReceivedSpan[], name: string) => spans.find((span) => span.name === name);

beforeAll(async () => {
  receiver = await TraceReceiver.start();
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = receiver.url;
  process.env['OTEL_BSP_SCHEDULE_DELAY'] = '100';
  await startTelemetry('deployment');
  [kafka, database] = await Promise.all([testKafka(), testDatabase(LEDGER_SCHEMA)]);
  await database.query(ledgerTables);
  ledger = await startLedger({ ...kafka, databaseUrl: database.url, controllers: [Relays] });
});

afterAll(async () => {
  await ledger?.service.close();
  await shutdownTelemetry();
  await receiver?.close();
  await database?.drop();
});

describe('a trace', () => {
  it('goes from the publisher over Kafka through the handler to what that publishes', async () => {
    const model = newId().replaceAll('-', '').slice(-12);
    const events = collectEvents(kafka, ['alias.changed', 'access.key']);
    const origin = await withSpan('press a button', {}, async () => {
      await ledger.change(model);
      return traceHeaders().traceparent ?? '';
    });
    const [, traceId = '', root = ''] = origin.split('-');
    const follow = `send ${kafka.prefix}access.key`;
    await receiver.waitFor((all) => all.some((span) => span.traceId === traceId && span.name === follow));
    const spans = receiver.spans(traceId);
    const [sent, processed, sentOn] = [`send ${kafka.prefix}alias.changed`, 'process alias.changed', follow].map(
      (name) => named(spans, name),
    );

    expect(sent).toMatchObject({ kind: 'producer', parentSpanId: root, failed: false });
    expect(sent?.attributes).toMatchObject({
      'messaging.system': 'kafka',
      'messaging.operation.type': 'send',
      'messaging.destination.name': `${kafka.prefix}alias.changed`,
      'messaging.kafka.message.key': model,
    });
    expect(processed).toMatchObject({ kind: 'consumer', parentSpanId: sent?.spanId });
    expect(processed?.attributes).toMatchObject({
      'messaging.operation.type': 'process',
      'messaging.consumer.group.name': `${kafka.prefix}deployment.alias.changed`,
    });
    expect(sentOn).toMatchObject({ kind: 'producer', parentSpanId: processed?.spanId });
    const cause = await events.waitFor('alias.changed', ({ subject }) => subject === model);
    const effect = await events.waitFor('access.key', ({ subject }) => subject === model);
    expect(effect).toMatchObject({ correlationid: cause.correlationid, causationid: cause.id });
    expect(effect.traceparent).toBe(`00-${traceId}-${sentOn?.spanId}-01`);
    await events.stop();
  });

  it('of a batch is one span with a link to each event', async () => {
    const replica = newId();
    const producer = ledger.service.app.get(EventProducer);
    const parents: string[] = [];
    for (let revision = 1; revision <= 3; revision += 1) {
      await withSpan('report', {}, async () => {
        const { traceparent } = traceHeaders();
        parents.push(traceparent ?? '');
        const data = { replica, revision, routes: [], leaving: false, reportedAt: new Date().toISOString() };
        await producer.send([{ type: 'replica.reported', data, traceparent }]);
      });
    }
    const traces = parents.map((parent) => parent.split('-')[1] ?? '');
    const linked = (spans: readonly ReceivedSpan[]) =>
      spans.filter(({ name }) => name === 'process replica.reported').flatMap(({ links }) => links);
    const spans = await receiver.waitFor((all) => linked(all).length === 3);

    const sends = traces.map((id) => named(receiver.spans(id), `send ${kafka.prefix}replica.reported`));
    expect(linked(spans)).toEqual(sends.map((span, index) => ({ traceId: traces[index], spanId: span?.spanId })));
  });
});
