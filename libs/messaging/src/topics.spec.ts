import { eventTypes } from '@baton/contracts';
import { describe, expect, it } from 'vitest';
import { catalogueTopics } from './topics.js';

const topics = new Map(catalogueTopics('p.', 3).map((topic) => [topic.topic, topic]));
const setting = (topic: string, name: string) =>
  topics.get(topic)?.configEntries?.find((entry) => entry.name === name)?.value;

describe('topics of the catalogue', () => {
  it('are two for each event, under the prefix', () => {
    expect([...topics.keys()].sort()).toEqual(
      eventTypes.flatMap((type) => [`p.${type}`, `p.${type}.dead-letter`]).sort(),
    );
  });

  it('have the partitions, the retention and the replicas they need', () => {
    expect(topics.get('p.prediction.logged')).toMatchObject({ numPartitions: 6, replicationFactor: 3 });
    expect(setting('p.prediction.logged', 'retention.ms')).toBe(String(30 * 86_400_000));
  });

  it('keep the last event of each key where the catalogue says so, and never compact dead letters', () => {
    expect(setting('p.access.key', 'cleanup.policy')).toBe('compact');
    expect(setting('p.access.key', 'retention.ms')).toBeUndefined();
    expect(setting('p.access.key.dead-letter', 'cleanup.policy')).toBeUndefined();
  });
});
