import { definitionOf, eventTypes, type EventType } from '@baton/contracts';
import type { ITopicConfig } from 'kafkajs';
import { createKafka } from './kafka-client.js';
import { pause, pauseMs } from './pauses.js';

const DAY_MS = 86_400_000;
/** A broker that starts, or whose disk is busy, may take this long to know of a topic. */
const CREATE_WITHIN_MS = 30_000;
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
 * @throws when Kafka is away, or has not made them, for longer than half a minute
 */
export async function ensureTopics(
  brokers: string[],
  prefix: string,
  { replicationFactor = 1 }: { replicationFactor?: number } = {},
): Promise<{ created: string[] }> {
  const created = new Set<string>();
  const until = Date.now() + CREATE_WITHIN_MS;
  for (let tries = 1; ; tries += 1) {
    try {
      await createMissing(brokers, catalogueTopics(prefix, replicationFactor), created);
      return { created: [...created] };
    } catch (error) {
      // A broker may answer for a new topic before it knows it; and Kafka may just be starting.
      if (Date.now() > until) throw error;
      await pause(pauseMs(tries, 200, 2000));
    }
  }
}

/** Until the broker knows what the controller has made, which takes a moment. */
async function createMissing(brokers: string[], topics: readonly ITopicConfig[], created: Set<string>): Promise<void> {
  const admin = createKafka(brokers, 'baton-topics').admin();
  await admin.connect();
  try {
    const existing = new Set(await admin.listTopics());
    const missing = topics.filter(({ topic }) => !existing.has(topic));
    if (missing.length === 0) return;
    for (const { topic } of missing) created.add(topic);
    // Two processes may create at once: kafkajs answers false for "exists already", and does not wait then.
    await admin.createTopics({ topics: missing, waitForLeaders: true });
    await admin.fetchTopicMetadata({ topics: missing.map(({ topic }) => topic) });
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
