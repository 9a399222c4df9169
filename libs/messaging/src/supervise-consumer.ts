import { createLogger } from '@baton/telemetry';
import type { Consumer, ConsumerConfig, EachBatchPayload, Kafka } from 'kafkajs';
import type { ConsumerHealth } from './consumer-health.js';
import { pause, pauseMs } from './pauses.js';

const log = createLogger('consumer');
/** A consumer that neither fetches nor beats for this long hangs, whatever it says. */
const SILENT_MS = 60_000;
const WATCH_EVERY_MS = 5000;
const DISCONNECT_WITHIN_MS = 15_000;

export interface SupervisedConsumer {
  kafka: Kafka;
  config: Pick<ConsumerConfig, 'groupId' | 'sessionTimeout' | 'heartbeatInterval'>;
  topic: string;
  health: ConsumerHealth;
  stop: AbortSignal;
  /** A new kafkajs consumer takes the place of the one before. */
  started: (consumer: Consumer) => void;
  joined: (partitions: readonly number[]) => void;
  eachBatch: (payload: EachBatchPayload) => Promise<void>;
}

/**
 * Keeps a consumer running until told to stop: after every crash, of whatever kind, a new one is built. kafkajs restarts
 * only after some errors, and leaves a live process that consumes nothing after the others.
 */
export async function superviseConsumer(options: SupervisedConsumer): Promise<void> {
  const { health, stop, topic } = options;
  for (let failures = 0; !stop.aborted; ) {
    const startedAt = Date.now();
    try {
      await runOnce(options);
    } catch (error) {
      if (stop.aborted) return;
      failures = Date.now() - startedAt > SILENT_MS ? 1 : failures + 1;
      health.broke(error);
      log.warn('a consumer is rebuilt', {
        topic,
        failures,
        reason: error instanceof Error ? error.message : String(error),
      });
      await pause(pauseMs(failures, 250, 2000), stop);
    }
  }
}

async function runOnce(options: SupervisedConsumer): Promise<void> {
  const { topic, stop, health } = options;
  const consumer = options.kafka.consumer({
    ...options.config,
    rebalanceTimeout: 15_000,
    maxWaitTimeInMs: 250,
    allowAutoTopicCreation: false,
    retry: {
      initialRetryTime: 200,
      maxRetryTime: 2000,
      multiplier: 2,
      retries: 5,
      restartOnFailure: () => Promise.resolve(false),
    },
  });
  const ended = watch(consumer, options);
  // Ends by a crash, the watch or the stop signal; the start-up below may fail first.
  ended.catch(() => undefined);
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    if (stop.aborted) return;
    options.started(consumer);
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 8,
      eachBatch: options.eachBatch,
    });
    await ended;
  } finally {
    await Promise.race([consumer.disconnect().catch(() => undefined), pause(DISCONNECT_WITHIN_MS)]);
  }
  function watch(watched: Consumer, { joined }: SupervisedConsumer): Promise<void> {
    const end = Promise.withResolvers<void>();
    let lastSign = Date.now();
    const sign = () => (lastSign = Date.now());
    watched.on(watched.events.FETCH, sign);
    watched.on(watched.events.HEARTBEAT, sign);
    watched.on(watched.events.GROUP_JOIN, ({ payload }) => {
      sign();
      health.works();
      joined(payload.memberAssignment[topic] ?? []);
    });
    watched.on(watched.events.CRASH, ({ payload }) => {
      end.reject(payload.error);
    });
    const timer = setInterval(() => {
      if (Date.now() - lastSign > SILENT_MS) end.reject(new Error(`no sign of life for ${SILENT_MS} ms`));
    }, WATCH_EVERY_MS).unref();
    stop.addEventListener('abort', () => {
      end.resolve();
    });
    return end.promise.finally(() => {
      clearInterval(timer);
    });
  }
}
