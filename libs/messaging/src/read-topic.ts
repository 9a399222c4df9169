import { newId } from '@baton/contracts';
import type { KafkaMessage } from 'kafkajs';
import { createKafka } from './kafka-client.js';

/** A record and where it is. */
export interface TopicRecord {
  partition: number;
  message: KafkaMessage;
}

/**
 * Everything a topic holds now, oldest first within each partition; empty for an empty or missing topic.
 * @throws when Kafka is away
 */
export async function readTopic(brokers: string[], prefix: string, topic: string): Promise<TopicRecord[]> {
  const kafka = createKafka(brokers, 'baton-reader');
  const ends = await endsOf(kafka, topic);
  if (ends.size === 0) return [];
  const consumer = kafka.consumer({
    groupId: `${prefix}reader.${newId()}`,
    allowAutoTopicCreation: false,
    maxWaitTimeInMs: 250,
  });
  const records: TopicRecord[] = [];
  const complete = Promise.withResolvers<void>();
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    complete.reject(payload.error);
  });
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: ({ batch }) => {
        records.push(...batch.messages.map((message) => ({ partition: batch.partition, message })));
        const end = ends.get(batch.partition);
        if (end !== undefined && BigInt(batch.lastOffset()) + 1n >= end) ends.delete(batch.partition);
        if (ends.size === 0) complete.resolve();
        return Promise.resolve();
      },
    });
    await complete.promise;
    return records;
  } finally {
    await consumer.disconnect();
  }
}

async function endsOf(kafka: ReturnType<typeof createKafka>, topic: string): Promise<Map<number, bigint>> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    if (!(await admin.listTopics()).includes(topic)) return new Map();
    const offsets = await admin.fetchTopicOffsets(topic);
    return new Map(
      offsets
        .filter(({ low, high }) => BigInt(high) > BigInt(low))
        .map(({ partition, high }) => [partition, BigInt(high)]),
    );
  } finally {
    await admin.disconnect();
  }
}
