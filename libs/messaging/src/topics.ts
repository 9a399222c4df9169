import { definitionOf, eventTypes, type EventType } from '@baton/contracts';
import type { ITopicConfig } from 'kafkajs';
import { createKafka } from './kafka-client.js';
import { pause, pauseMs } from './pauses.js';

const DAY_MS = 86_400_000;
const CREATE_TRIES = 6;
const DEAD_LETTER_SUFFIX = '.dead-letter';

/** Bytes; the largest record a topic takes. Well above Kafka's default of 1 MB: predictions carry whole tensors. */
export const MAX_RECORD_BYTES = 8_388_608;

/** The topic of an event type: its name after the prefix, by which several platforms share a cluster. */
export function topicName(prefix: string, type: EventType): string {
  return `${prefix}${type}`;
}

/** Where events of a type go that no try could handle. One partition, so that an offset names one dead letter. */
export function deadLetterTopic(prefix: string, type: EventType): string {
  return `${topicName(prefix, type)}${DEAD_LETTER_SUFFIX}`;
}

/** Topics of the whole catalogue with their partitions, retention or compaction, dead-letter topics included. */
export function catalogueTopics(prefix: string, replicationFactor: number): ITopicConfig[] {
  return eventTypes.flatMap((type) => {
    const { partitions, retentionMs } = definitionOf(type);
    const compacted = retentionMs === 'compacted';
    return [
      {
        topic: topicName(prefix, type),
        numPartitions: partitions,
        replicationFactor,
        configEntries: configOf(compacted ? { 'cleanup.policy': 'compact' } : { 'retention.ms': retentionMs }),
      },
      {
        topic: deadLetterTopic(prefix, type),
        numPartitions: 1,
        replicationFactor,
        configEntries: configOf({ 'retention.ms': compacted ? 365 * DAY_MS : Math.max(retentionMs, 30 * DAY_MS) }),
      },
    ];
  });
}

/**
 * Creates the catalogue's topics that are missing; those that exist stay as they are.
 * @throws when Kafka is away for longer than some seconds
 */
export async function ensureTopics(
  brokers: string[],
  prefix: string,
  { replicationFactor = 1 }: { replicationFactor?: number } = {},
): Promise<{ created: string[] }> {
  for (let tries = 1; ; tries += 1) {
    try {
      return { created: await createMissing(brokers, prefix, replicationFactor) };
    } catch (error) {
      // A broker may answer for a new topic before it knows it; and Kafka may just be starting.
      if (tries === CREATE_TRIES) throw error;
      await pause(pauseMs(tries, 200, 2000));
    }
  }
}

async function createMissing(brokers: string[], prefix: string, replicationFactor: number): Promise<string[]> {
  const admin = createKafka(brokers, 'baton-topics').admin();
  await admin.connect();
  try {
    const existing = new Set(await admin.listTopics());
    const missing = catalogueTopics(prefix, replicationFactor).filter(({ topic }) => !existing.has(topic));
    // Two processes may create at once: kafkajs answers false for "exists already", which is what we want.
    if (missing.length > 0) await admin.createTopics({ topics: missing, waitForLeaders: true });
    return missing.map(({ topic }) => topic);
  } finally {
    await admin.disconnect();
  }
}

function configOf(entries: Record<string, string | number>): { name: string; value: string }[] {
  return Object.entries({ 'max.message.bytes': MAX_RECORD_BYTES, ...entries }).map(([name, value]) => ({
    name,
    value: String(value),
  }));
}
