import { type BatonEvent, type EventType } from '@baton/contracts';
import { createLogger } from '@baton/telemetry';
import type { EachBatchPayload, Kafka } from 'kafkajs';
import { ConsumerHealth } from './consumer-health.js';
import { FollowerEnd } from './follower-end.js';
import { pause, pauseMs } from './pauses.js';
import { readEvent } from './received.js';
import { superviseConsumer } from './supervise-consumer.js';

const log = createLogger('follower');
const MAX_TRIES = 5;

export type FollowerHandler<T extends EventType> = (
  event: BatonEvent<T>,
  position: { partition: number; offset: string },
) => void | Promise<void>;

export interface FollowerOptions<T extends EventType> {
  kafka: Kafka;
  type: T;
  topic: string;
  /** Unique: a follower shares nothing with others and commits nothing. */
  group: string;
  onEvent: FollowerHandler<T>;
}

/** Reads a topic from its start and goes on following it. After a restart of the process it reads all again. */
export class Follower<T extends EventType = EventType> {
  /** Resolves when everything that was in the topic at the first look is applied. Waits for Kafka however long. */
  readonly caughtUp: Promise<void>;
  /** The last thing that went wrong: a record that couldn't be read or applied, and was left out. */
  lastError: unknown;
  private readonly stopping = new AbortController();
  private readonly positions = new Map<number, bigint>();
  private readonly end: FollowerEnd;
  private readonly running: Promise<void>;

  constructor(private readonly options: FollowerOptions<T>) {
    const { kafka, topic, group } = options;
    this.end = new FollowerEnd(kafka, topic, this.stopping.signal);
    this.caughtUp = this.end.reached;
    this.running = superviseConsumer({
      kafka,
      config: { groupId: group, sessionTimeout: 10_000, heartbeatInterval: 2000 },
      topic,
      health: new ConsumerHealth(topic, 0),
      stop: this.stopping.signal,
      started: (consumer) => {
        this.end.watch(consumer);
      },
      joined: () => undefined,
      eachBatch: (payload) => this.eachBatch(payload),
    });
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async eachBatch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const { partition } = batch;
    // Without committed offsets every join starts anew: what was applied is not applied again, so that state never
    // goes back in time. A topic that ends before that position is another topic of the same name.
    if (BigInt(batch.highWatermark) < (this.positions.get(partition) ?? 0n)) this.positions.delete(partition);
    for (const message of batch.messages) {
      if (this.stopping.signal.aborted) return;
      const offset = BigInt(message.offset);
      if (offset >= (this.positions.get(partition) ?? 0n)) {
        await this.apply(message, partition);
        this.positions.set(partition, offset + 1n);
        await payload.heartbeat();
      }
      payload.resolveOffset(message.offset);
    }
    this.end.applied(partition, BigInt(batch.lastOffset()) + 1n);
  }

  /** A record that can't be applied must not hold up the rest: it is left out, and said. */
  private async apply(message: EachBatchPayload['batch']['messages'][number], partition: number): Promise<void> {
    const { type, onEvent, topic } = this.options;
    for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
      try {
        const event = readEvent(type, message);
        await onEvent(event, { partition, offset: message.offset });
        return;
      } catch (error) {
        this.lastError = error;
        const isHopeless = error instanceof Error && error.name === 'MalformedEventError';
        if (isHopeless || tries === MAX_TRIES) {
          log.error('a record was left out', { topic, partition, offset: message.offset, error });
          return;
        }
        await pause(pauseMs(tries, 100, 2000), this.stopping.signal);
      }
    }
  }
}
