import { describe, expect, it } from 'vitest';
import { kafkaProperties } from './kafka-settings.js';
import { clusterId } from './kafka-storage.js';

describe("Kafka's settings", () => {
  it.each([
    ['/home/me/data', 'log.dirs=/home/me/data'],
    ['/home/jörg/my data', 'log.dirs=/home/j\\u00f6rg/my data'],
    ['/data/数', 'log.dirs=/data/\\u6570'],
    ['/back\\slash', 'log.dirs=/back\\\\slash'],
  ])('name the folder %s as Java reads it', (dataDir, line) => {
    expect(kafkaProperties({ dataDir, port: 1, controllerPort: 2 }).split('\n')).toContain(line);
  });

  it('listen on the loopback only', () => {
    const lines = kafkaProperties({ dataDir: '/data', port: 19092, controllerPort: 19093 }).split('\n');
    expect(lines).toContain('listeners=PLAINTEXT://127.0.0.1:19092,CONTROLLER://127.0.0.1:19093');
  });
});

describe("a cluster's id", () => {
  it('is 16 bytes in base64url that do not look like a flag', () => {
    const ids = Array.from({ length: 500 }, clusterId);
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_-]{21}$/);
    expect(new Set(ids).size).toBe(500);
  });
});
