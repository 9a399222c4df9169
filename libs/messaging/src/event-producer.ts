import { definitionOf, newId, toHeaders, type BatonEvent, type EventPayload, type EventType } from '@baton/contracts';
import { ServiceError } from '@baton/service';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { createKafka } from './kafka-client.js';
import { MessagingOptions } from './messaging-options.js';
import { underProducerSpans } from './producer-spans.js';
import { RecordSender, type OutgoingRecord } from './record-sender.js';
import { MAX_RECORD_BYTES, topicName } from './topics.js';

const MAX_REQUEST_BYTES = 4_000_000;

/** An event of a service that keeps its own log of what is still to be sent. What is left out gets a default. */
export interface OutgoingEvent<T extends EventType = EventType> {
  type: T;
  /** Null for a tombstone, which then needs a `key`. */
  data: EventPayload<T> | null;
  /** Default: the catalogue's key of the payload. */
  key?: string;
  id?: string;
  time?: string;
  source?: string;
  correlationid?: string;
  causationid?: string;
  traceparent?: string;
  tracestate?: string;
}

/**
 * Events out, for a service without Postgres. Payloads are not checked: what is refused here would hold up everything
 * after it, whereas a consumer puts it aside as a dead letter.
 */
@Injectable()
export class EventProducer implements OnModuleDestroy {
  private readonly stopping = new AbortController();
  private readonly sender: RecordSender;

  constructor(private readonly options: MessagingOptions) {
    this.sender = new RecordSender(createKafka(options.brokers, `${options.service}-producer`));
  }

  /**
   * Resolves when all are acknowledged by Kafka, however long it is away; one call is at work at a time, in order.
   * @param signal gives up; events may be on Kafka nevertheless, so send the same ones (with their ids) again
   * @throws ServiceError `event-too-large`, before anything is sent
   */
  async send(events: readonly OutgoingEvent[], signal?: AbortSignal): Promise<void> {
    const complete = events.map((event) => this.complete(event));
    const stop = signal ? AbortSignal.any([signal, this.stopping.signal]) : this.stopping.signal;
    for (const some of portions(complete.map((event) => this.toRecord(event)))) {
      await underProducerSpans(
        some.map((record) => ({ topic: record.topic, key: record.key, parent: record.headers })),
        (traces) =>
          this.sender.send(
            some.map((record, index) => ({ ...record, headers: { ...record.headers, ...traces[index] } })),
            { signal: stop },
          ),
      );
    }
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping.abort(new Error('the producer is closing'));
    await this.sender.close();
  }

  private complete(event: OutgoingEvent): BatonEvent {
    const id = event.id ?? newId();
    return {
      id,
      type: event.type,
      source: event.source ?? this.options.source,
      subject: event.key ?? (event.data === null ? '' : definitionOf(event.type).key(event.data)),
      time: event.time ?? new Date().toISOString(),
      correlationid: event.correlationid ?? id,
      causationid: event.causationid,
      traceparent: event.traceparent,
      tracestate: event.tracestate,
      data: event.data,
    };
  }

  private toRecord(event: BatonEvent): TextRecord {
    const value = event.data === null ? null : JSON.stringify(event.data);
    if (sizeOf(value) > MAX_RECORD_BYTES - 65_536) {
      throw new ServiceError('event-too-large', `${event.type} ${event.id} is too large for Kafka`, { status: 413 });
    }
    return { topic: topicName(this.options.prefix, event.type), key: event.subject, value, headers: toHeaders(event) };
  }
}

interface TextRecord extends OutgoingRecord {
  key: string;
  value: string | null;
  headers: Record<string, string>;
}

function sizeOf(value: string | null): number {
  return value === null ? 0 : Buffer.byteLength(value);
}

/** Splits so that a request stays well below what a broker takes; a single large record goes alone. */
function portions(records: readonly TextRecord[]): TextRecord[][] {
  const all: TextRecord[][] = [];
  let current: TextRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    const size = sizeOf(record.value);
    if (current.length > 0 && bytes + size > MAX_REQUEST_BYTES) {
      all.push(current);
      current = [];
      bytes = 0;
    }
    current.push(record);
    bytes += size;
  }
  return current.length > 0 ? [...all, current] : all;
}
