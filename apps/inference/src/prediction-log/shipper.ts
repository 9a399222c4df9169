import type { PredictionLogged } from '@baton/contracts';
import { EventProducer, type OutgoingEvent } from '@baton/messaging';
import { ServiceError } from '@baton/service';
import { createLogger, type TraceHeaders } from '@baton/telemetry';
import { setTimeout as pause } from 'node:timers/promises';
import { within } from '../within.js';
import type { SpoolRecord } from './spool-record.js';
import { droppedRecords } from './spool-writer.js';
import type { Spool } from './spool.js';

const log = createLogger('prediction-log');
const MAX_EVENTS = 500;
const RETRY_MS = 1000;
const STOP_WITHIN_MS = 500;

/** The body of a spooled record: an event, but for what is the same in all of them. */
export interface SpooledPrediction extends TraceHeaders {
  readonly id: string;
  /** ISO 8601. */
  readonly time: string;
  readonly data: PredictionLogged;
}

/** Carries the spool to Kafka, in order. A record may come twice, with the same event id and sequence; none is left out. */
export class Shipper {
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly spool: Spool,
    private readonly producer: EventProducer,
  ) {}

  start(): void {
    this.running = this.run();
  }

  /** Lets what is waiting arrive for a while; the rest stays on disk for the next start. */
  async stop(timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (this.spool.waiting > 0 && Date.now() < deadline) await pause(10);
    this.stopping.abort();
    this.spool.wake();
    await within(STOP_WITHIN_MS, this.running);
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        await this.shipSome();
      } catch (error) {
        if (signal.aborted) return;
        log.error('predictions could not be shipped', { error });
        await pause(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  private async shipSome(): Promise<void> {
    const records = await this.spool.take(MAX_EVENTS);
    const last = records.at(-1);
    if (!last) return this.spool.moreToTake();
    await this.send(records.map(toEvent));
    this.spool.ship(last.sequence);
  }

  /** One that Kafka would never take must not hold up the others. */
  private async send(events: readonly OutgoingEvent[]): Promise<void> {
    try {
      await this.producer.send(events, this.stopping.signal);
    } catch (error) {
      if (!(error instanceof ServiceError) || error.code !== 'event-too-large') throw error;
      if (events.length > 1) {
        for (const event of events) await this.send([event]);
        return;
      }
      droppedRecords.inc({ reason: 'too-large' });
      log.error('a prediction is too large for Kafka and is left out', { error });
    }
  }
}

function toEvent({ body }: SpoolRecord): OutgoingEvent<'prediction.logged'> {
  const { data, ...event } = JSON.parse(body.toString('utf8')) as SpooledPrediction;
  const source = `baton/inference/${data.replica}`;
  return { ...event, type: 'prediction.logged', source, data, correlationid: data.deployment };
}
