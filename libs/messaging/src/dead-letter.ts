import { isEventType, type EventType } from '@baton/contracts';
import type { IHeaders, KafkaMessage } from 'kafkajs';
import { textHeaders } from './received.js';

const MAX_ERROR_CHARS = 2000;
const PREFIX = 'dead_letter_';

/** What is known of an event that no try could handle. */
export interface DeadLetter {
  /** The dead-letter topic. */
  topic: string;
  type: EventType;
  /** Where the dead letter is; dead-letter topics have one partition. */
  partition: number;
  offset: string;
  originalPartition: number;
  originalOffset: string;
  /** The consumer group that gave up. */
  group: string;
  error: string;
  tries: number;
  /** ISO 8601. */
  failedAt: string;
  key: string | null;
  value: string | null;
}

export interface Failure {
  topic: string;
  partition: number;
  offset: string;
  group: string;
  error: unknown;
  tries: number;
}

/** The event's own headers, and beside them what happened to it. */
export function deadLetterHeaders(original: IHeaders | undefined, failure: Failure): IHeaders {
  return {
    ...original,
    [`${PREFIX}topic`]: failure.topic,
    [`${PREFIX}partition`]: String(failure.partition),
    [`${PREFIX}offset`]: failure.offset,
    [`${PREFIX}group`]: failure.group,
    [`${PREFIX}error`]: describe(failure.error).slice(0, MAX_ERROR_CHARS),
    [`${PREFIX}tries`]: String(failure.tries),
    [`${PREFIX}time`]: new Date().toISOString(),
  };
}

/** The headers with which an event goes back: as it came first. */
export function originalHeaders(headers: IHeaders | undefined): IHeaders {
  return Object.fromEntries(Object.entries(headers ?? {}).filter(([name]) => !name.startsWith(PREFIX)));
}

const REPLAYED = `${PREFIX}replayed`;

/** A record behind the dead letters that says which of them went back already. */
export function replayedMarker(offsets: readonly string[]): { key: null; value: null; headers: IHeaders } {
  return { key: null, value: null, headers: { [REPLAYED]: offsets.join(',') } };
}

/** Offsets that a marker names; undefined for a record that is no marker. */
export function replayedOffsets(message: KafkaMessage): string[] | undefined {
  return textHeaders(message.headers)[REPLAYED]?.split(',');
}

/** Reads a record of a dead-letter topic; undefined when it's none. */
export function readDeadLetter(topic: string, type: string, message: KafkaMessage): DeadLetter | undefined {
  const headers = textHeaders(message.headers);
  const field = (name: string) => headers[`${PREFIX}${name}`] ?? '';
  if (!isEventType(type) || !field('topic')) return undefined;
  return {
    topic,
    type,
    partition: 0,
    offset: message.offset,
    originalPartition: Number(field('partition')),
    originalOffset: field('offset'),
    group: field('group'),
    error: field('error'),
    tries: Number(field('tries')),
    failedAt: field('time'),
    key: message.key?.toString() ?? null,
    value: message.value?.toString() ?? null,
  };
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
