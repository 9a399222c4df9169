import { describe, expect, it } from 'vitest';
import { ConsumerHealth } from './consumer-health.js';

const LATER = 60_000;

function away(): Error {
  const cause = Object.assign(new Error('connect ECONNREFUSED'), { name: 'KafkaJSConnectionError' });
  return Object.assign(new Error('retries exceeded', { cause }), { name: 'KafkaJSNumberOfRetriesExceeded' });
}

function broken(error: unknown): ConsumerHealth {
  const health = new ConsumerHealth('model.approved', 10_000);
  health.broke(error);
  return health;
}

describe('a consumer', () => {
  it('that is broken for long is a problem', () => {
    expect(broken(new Error('unknown topic')).problem(Date.now() + LATER)).toMatch(/model\.approved.*unknown topic/);
  });

  it('that is being rebuilt for some seconds is none', () => {
    expect(broken(new Error('unknown topic')).problem(Date.now() + 5000)).toBeUndefined();
  });

  it('without Kafka is none, however long', () => {
    expect(broken(away()).problem(Date.now() + LATER)).toBeUndefined();
  });

  it('that works again is none', () => {
    const health = broken(new Error('unknown topic'));
    health.works();

    expect(health.problem(Date.now() + LATER)).toBeUndefined();
  });
});
