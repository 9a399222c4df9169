import type { EventPayload, EventType } from './catalogue.js';

/**
 * A CloudEvents 1.0 event with the extensions that Baton uses. `data` is null for a tombstone: the key's last word
 * on a compacted topic.
 */
export interface BatonEvent<T extends EventType = EventType> {
  /** UUIDv7, unique per event. */
  readonly id: string;
  readonly type: T;
  /** `baton/<service>` or `baton/<service>/<replica>`. */
  readonly source: string;
  /** The aggregate; also the Kafka key. */
  readonly subject: string;
  /** ISO 8601. */
  readonly time: string;
  /** The lifecycle the fact belongs to. */
  readonly correlationid: string;
  /** Id of the event that caused this one. */
  readonly causationid?: string;
  readonly traceparent?: string;
  readonly tracestate?: string;
  readonly data: EventPayload<T> | null;
}

/** Where the JSON Schema of an event type is published. */
export function schemaUri(type: EventType): string {
  return `https://baton.dev/schemas/${type}.json`;
}

/** Kafka headers of an event in CloudEvents' binary mode (Kafka binding, §3.2). */
export function toHeaders(event: BatonEvent): Record<string, string> {
  const headers: Record<string, string | undefined> = {
    ce_specversion: '1.0',
    ce_id: event.id,
    ce_source: event.source,
    ce_type: event.type,
    ce_time: event.time,
    ce_subject: event.subject,
    ce_dataschema: schemaUri(event.type),
    ce_partitionkey: event.subject,
    ce_correlationid: event.correlationid,
    ce_causationid: event.causationid,
    ce_traceparent: event.traceparent,
    traceparent: event.traceparent,
    tracestate: event.tracestate,
    'content-type': 'application/json',
  };
  return Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** The attributes of a received event, or the name of the header that is missing or wrong. */
export function fromHeaders(headers: Readonly<Record<string, string | undefined>>): Omit<BatonEvent, 'data'> | string {
  const { ce_id: id, ce_source: source, ce_type: type, ce_time: time, ce_subject: subject } = headers;
  if (headers['ce_specversion'] !== '1.0') return 'ce_specversion';
  if (!id) return 'ce_id';
  if (!source) return 'ce_source';
  if (!type) return 'ce_type';
  if (!time || Number.isNaN(Date.parse(time))) return 'ce_time';
  return {
    id,
    type: type as EventType,
    source,
    time,
    subject: subject ?? '',
    correlationid: headers['ce_correlationid'] ?? id,
    causationid: headers['ce_causationid'],
    traceparent: headers['traceparent'],
    tracestate: headers['tracestate'],
  };
}
