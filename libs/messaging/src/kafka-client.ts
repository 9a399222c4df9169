import { createLogger } from '@baton/telemetry';
import { Kafka, logLevel, type LogEntry } from 'kafkajs';

const log = createLogger('kafka');
const REPEAT_AFTER_MS = 30_000;

/**
 * A kafkajs client with the settings that recovered by themselves from a killed and from a frozen broker. Its own
 * retries are few: whoever uses the client has an outer loop that goes on until it's through.
 */
export function createKafka(brokers: string[], clientId: string): Kafka {
  return new Kafka({
    clientId,
    brokers,
    connectionTimeout: 3000,
    requestTimeout: 10_000,
    retry: { initialRetryTime: 200, maxRetryTime: 1000, multiplier: 2, retries: 3 },
    logLevel: logLevel.WARN,
    logCreator: () => quietLogger(),
  });
}

/**
 * kafkajs calls everything an error that it will try again, many times a second when a broker is away. It heals
 * itself, so it's a warning here, and each text is said once in a while.
 */
function quietLogger(): (entry: LogEntry) => void {
  const saidAt = new Map<string, number>();
  return ({ namespace, log: { message, ...fields } }) => {
    const now = Date.now();
    const text = `${namespace}: ${message}`;
    if (now - (saidAt.get(text) ?? 0) < REPEAT_AFTER_MS) return;
    saidAt.set(text, now);
    const { broker, groupId, error } = fields as Record<string, unknown>;
    log.warn(text, { broker, groupId, error: error instanceof Error ? error.message : error });
  };
}
