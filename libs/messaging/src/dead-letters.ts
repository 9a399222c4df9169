import { eventTypes, type EventType } from '@baton/contracts';
import { originalHeaders, readDeadLetter, replayedMarker, replayedOffsets, type DeadLetter } from './dead-letter.js';
import { createKafka } from './kafka-client.js';
import { readTopic, type TopicRecord } from './read-topic.js';
import { RecordSender, type OutgoingRecord } from './record-sender.js';
import { deadLetterTopic, topicName } from './topics.js';

interface Cluster {
  brokers: string[];
  prefix: string;
}

/**
 * Dead letters that were not replayed, newest first.
 * @param options.type one event type; default all
 * @throws when Kafka is away
 */
export async function listDeadLetters(options: Cluster & { type?: EventType; limit?: number }): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  for (const type of options.type ? [options.type] : eventTypes) {
    const pending = await pendingLetters(options, type);
    letters.push(...pending.map(({ letter }) => letter));
  }
  return letters.sort((a, b) => b.failedAt.localeCompare(a.failedAt)).slice(0, options.limit ?? 100);
}

/**
 * Puts dead letters back on their topic as they came first: same id, key, headers and value. The group that gave up
 * has no inbox row of them; every other group has, and drops them. What was replayed is not listed again.
 * @param options.offsets of the dead letters, or `all`
 */
export async function replayDeadLetters(
  options: Cluster & { type: EventType; offsets?: readonly string[]; all?: boolean },
): Promise<{ replayed: number }> {
  const { brokers, prefix, type } = options;
  const pending = await pendingLetters(options, type);
  const chosen = options.all ? pending : pending.filter(({ letter }) => options.offsets?.includes(letter.offset));
  if (chosen.length === 0) return { replayed: 0 };
  const sender = new RecordSender(createKafka(brokers, 'baton-replay'));
  try {
    await sender.send(chosen.map(({ record }) => backTo(topicName(prefix, type), record)));
    const offsets = chosen.map(({ letter }) => letter.offset);
    await sender.send([{ topic: deadLetterTopic(prefix, type), ...replayedMarker(offsets) }]);
    return { replayed: chosen.length };
  } finally {
    await sender.close();
  }
}

async function pendingLetters(
  { brokers, prefix }: Cluster,
  type: EventType,
): Promise<{ letter: DeadLetter; record: TopicRecord }[]> {
  const topic = deadLetterTopic(prefix, type);
  const records = await readTopic(brokers, prefix, topic);
  const replayed = new Set(records.flatMap(({ message }) => replayedOffsets(message) ?? []));
  return records.flatMap((record) => {
    const letter = readDeadLetter(topic, type, record.message);
    return letter && !replayed.has(letter.offset) ? [{ letter, record }] : [];
  });
}

function backTo(topic: string, { message }: TopicRecord): OutgoingRecord {
  return { topic, key: message.key, value: message.value, headers: originalHeaders(message.headers) };
}
