import { createLogger } from '@baton/telemetry';
import type { Consumer, ConsumerConfig, EachBatchPayload, Kafka } from 'kafkajs';
import type { ConsumerHealth } from './consumer-health.js';
import { pause, pauseMs, untilStopped } from './pauses.js';

const log = createLogger('consumer');
/** A consumer that neither fetches nor beats for this long hangs, whatever it says. */
const SILENT_MS = 60_000;
const WATCH_EVERY_MS = 5000;
const DISCONNECT_WITHIN_MS = 15_000;
const LEAVE_WITHIN_MS = 3000;

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
  const { topic, stop } = options;
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
  const crashed = watch(consumer, options);
  const start = async () => {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    options.started(consumer);
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 8,
      eachBatch: options.eachBatch,
    });
  };
  const starting = start();
  try {
    await untilStopped(Promise.race([starting.then(() => crashed), crashed]), stop);
  } finally {
    const gone = disconnect(consumer, starting);
    await Promise.race([gone, pause(stop.aborted ? LEAVE_WITHIN_MS : DISCONNECT_WITHIN_MS)]);
  }
}

/** A start that is still on its way when it's no longer wanted would otherwise connect later, and stay. */
async function disconnect(consumer: Consumer, starting: Promise<void>): Promise<void> {
  await consumer.disconnect().catch(() => undefined);
  await starting.catch(() => undefined);
  await consumer.disconnect().catch(() => undefined);
}

/** Rejects when the consumer crashes or falls silent. */
function watch(consumer: Consumer, { joined, health, topic }: SupervisedConsumer): Promise<never> {
  const crash = Promise.withResolvers<never>();
  let lastSign = Date.now();
  const sign = () => (lastSign = Date.now());
  const timer = setInterval(() => {
    if (Date.now() - lastSign > SILENT_MS) crash.reject(new Error(`no sign of life for ${SILENT_MS} ms`));
  }, WATCH_EVERY_MS).unref();
  consumer.on(consumer.events.FETCH, sign);
  consumer.on(consumer.events.HEARTBEAT, sign);
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    sign();
    health.works();
    joined(payload.memberAssignment[topic] ?? []);
  });
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    crash.reject(payload.error);
  });
  consumer.on(consumer.events.DISCONNECT, () => {
    clearInterval(timer);
  });
  return crash.promise;
}
