import { eventTypes } from '@baton/contracts';
import { ensureTopics } from '@baton/messaging';
import { testKafka, waitFor, type TestKafka } from '@baton/testing';
import { ConfigResourceTypes, Kafka, logLevel, type Admin } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let kafka: TestKafka;
let admin: Admin;

const configOf = async (topic: string, name: string) => {
  const type = (ConfigResourceTypes as { TOPIC: number } | undefined)?.TOPIC ?? 2;
  const { resources } = await admin.describeConfigs({
    resources: [{ type, name: `${kafka.prefix}${topic}`, configNames: [name] }],
    includeSynonyms: false,
  });
  return resources[0]?.configEntries[0]?.configValue;
};

beforeAll(async () => {
  kafka = await testKafka();
  admin = new Kafka({ brokers: kafka.brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
});

afterAll(() => admin?.disconnect());

describe('ensureTopics', () => {
  it('makes what the catalogue says', async () => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [`${kafka.prefix}prediction.logged`] });

    expect(topics[0]?.partitions).toHaveLength(6);
    expect(await configOf('access.key', 'cleanup.policy')).toBe('compact');
    expect(await configOf('prediction.logged', 'retention.ms')).toBe(String(30 * 86_400_000));
    expect((await admin.listTopics()).filter((name) => name.startsWith(kafka.prefix))).toHaveLength(
      2 * eventTypes.length,
    );
  });

  it('adds what is missing, and leaves the rest alone', async () => {
    expect(await ensureTopics(kafka.brokers, kafka.prefix)).toEqual({ created: [] });
    const topic = `${kafka.prefix}alias.changed`;
    await admin.deleteTopics({ topics: [topic] });
    await waitFor(async () => ((await admin.listTopics()).includes(topic) ? undefined : true), { what: 'deletion' });

    expect(await ensureTopics(kafka.brokers, kafka.prefix)).toEqual({ created: [topic] });
  });

  it('by two at once ends well for both', async () => {
    const prefix = `${kafka.prefix}both.`;
    await Promise.all([ensureTopics(kafka.brokers, prefix), ensureTopics(kafka.brokers, prefix)]);

    expect((await admin.listTopics()).filter((name) => name.startsWith(prefix))).toHaveLength(2 * eventTypes.length);
  });
});
