import { eventTypes, isEventType, newId, type BatonEvent, type EventType } from '@baton/contracts';
import { createKafka } from './kafka-client.js';
import { readEvent } from './received.js';
import { topicName } from './topics.js';

export interface TailOptions {
  brokers: string[];
  prefix: string;
  /** Default: all of the catalogue. */
  types?: readonly EventType[];
  /** Default: only what comes from now on. */
  fromBeginning?: boolean;
  /** Ends the tail. */
  signal: AbortSignal;
}

/**
 * Shows events as they come, until told to stop. Records that are no events are left out.
 * @throws when Kafka is away or goes away
 */
export async function tailEvents(
  options: TailOptions,
  onEvent: (event: BatonEvent, position: { partition: number; offset: string }) => void,
): Promise<void> {
  const { brokers, prefix, signal } = options;
  const consumer = createKafka(brokers, 'baton-tail').consumer({
    groupId: `${prefix}tail.${newId()}`,
    allowAutoTopicCreation: false,
    maxWaitTimeInMs: 250,
    retry: { retries: 5, restartOnFailure: () => Promise.resolve(false) },
  });
  const ended = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => {
    ended.resolve();
  });
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    ended.reject(payload.error);
  });
  try {
    await consumer.connect();
    const topics = (options.types ?? eventTypes).map((type) => topicName(prefix, type));
    await consumer.subscribe({ topics, fromBeginning: options.fromBeginning ?? false });
    await consumer.run({
      autoCommit: false,
      eachMessage: ({ topic, partition, message }) => {
        const type = topic.slice(prefix.length);
        if (isEventType(type)) show(type, { partition, offset: message.offset }, message);
        return Promise.resolve();
      },
    });
    await ended.promise;
  } finally {
    await consumer.disconnect();
  }

  function show(
    type: EventType,
    position: { partition: number; offset: string },
    message: Parameters<typeof readEvent>[1],
  ): void {
    try {
      onEvent(readEvent(type, message), position);
    } catch {
      // Whoever consumes it puts it aside as a dead letter, with the reason.
    }
  }
}
