import { AsyncLocalStorage } from 'node:async_hooks';
import {
  definitionOf,
  newId,
  parsePayload,
  type BatonEvent,
  type EventPayload,
  type EventType,
} from '@baton/contracts';
import { traceHeaders } from '@baton/telemetry';

/** What a handler is working on: the events it publishes belong to the same lifecycle. */
export const handledEvent = new AsyncLocalStorage<Pick<BatonEvent, 'id' | 'correlationid'>>();

export interface EventOptions {
  /** The lifecycle the fact belongs to. Default: that of the event being handled, else this event's own id. */
  correlationId?: string;
  /** Default: the event being handled. */
  causationId?: string;
}

/**
 * A new event about now, on the active trace.
 * @param source CloudEvents `source`, as `baton/registry`
 * @throws InvalidPayloadError when the payload doesn't fit the catalogue
 */
export function makeEvent<T extends EventType>(
  type: T,
  data: EventPayload<T>,
  options: EventOptions & { source: string },
): BatonEvent<T> & { readonly data: EventPayload<T> } {
  const payload = parsePayload(type, data);
  return { ...envelope(type, definitionOf(type).key(payload), options), data: payload };
}

/**
 * The last word on a key of a compacted topic.
 * @throws TypeError when the topic isn't compacted
 */
export function makeTombstone<T extends EventType>(
  type: T,
  key: string,
  options: EventOptions & { source: string },
): BatonEvent<T> {
  if (definitionOf(type).retentionMs !== 'compacted') throw new TypeError(`${type} is not a compacted topic`);
  return { ...envelope(type, key, options), data: null };
}

function envelope<T extends EventType>(
  type: T,
  subject: string,
  options: EventOptions & { source: string },
): Omit<BatonEvent<T>, 'data'> {
  const id = newId();
  const cause = handledEvent.getStore();
  const { traceparent, tracestate } = traceHeaders();
  return {
    id,
    type,
    source: options.source,
    subject,
    time: new Date().toISOString(),
    correlationid: options.correlationId ?? cause?.correlationid ?? id,
    causationid: options.causationId ?? cause?.id,
    traceparent,
    tracestate,
  };
}
