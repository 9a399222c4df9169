import {
  definitionOf,
  fromHeaders,
  InvalidPayloadError,
  parsePayload,
  type BatonEvent,
  type EventPayload,
  type EventType,
} from '@baton/contracts';
import type { IHeaders, KafkaMessage } from 'kafkajs';

const UUID_PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** An event that has data: every one but a tombstone. */
export type DataEvent<T extends EventType = EventType> = BatonEvent<T> & { readonly data: EventPayload<T> };

/** Why a record can't be an event of its topic; no try would change that. */
export class MalformedEventError extends Error {
  override readonly name = 'MalformedEventError';
}

/**
 * Reads a record of a type's topic as an event. `data` is null for a tombstone of a compacted topic.
 * @throws MalformedEventError for missing attributes, a foreign type, bad JSON, a payload that doesn't fit its class,
 *   or no value on a topic that isn't compacted
 */
export function readEvent<T extends EventType>(type: T, message: KafkaMessage): BatonEvent<T> {
  const attributes = fromHeaders(textHeaders(message.headers));
  if (typeof attributes === 'string') throw new MalformedEventError(`header ${attributes} is missing or wrong`);
  if (!UUID_PATTERN.test(attributes.id)) throw new MalformedEventError('ce_id is not a UUID');
  if (attributes.type !== type) throw new MalformedEventError(`ce_type ${attributes.type} on the topic of ${type}`);
  const subject = attributes.subject || (message.key?.toString() ?? '');
  return { ...attributes, subject, type, data: readData(type, message.value) };
}

function readData<T extends EventType>(type: T, value: Buffer | null): EventPayload<T> | null {
  if (value === null) {
    if (definitionOf(type).retentionMs === 'compacted') return null;
    throw new MalformedEventError('no value on a topic that is not compacted');
  }
  try {
    return parsePayload(type, JSON.parse(value.toString()));
  } catch (error) {
    if (error instanceof InvalidPayloadError) throw new MalformedEventError(error.message);
    if (error instanceof SyntaxError) throw new MalformedEventError(`bad JSON: ${error.message}`);
    throw error;
  }
}

/** Kafka headers as text. Of a header that comes several times, the last counts. */
export function textHeaders(headers: IHeaders | undefined): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers ?? {}).map(([name, value]) => [
      name,
      (Array.isArray(value) ? value.at(-1) : value)?.toString(),
    ]),
  );
}
