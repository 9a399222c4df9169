import { createLogger } from '@baton/telemetry';
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import type { BatchProcessor } from './batch-processor.js';
import { ConsumerHealth } from './consumer-health.js';
import { lag } from './consume-metrics.js';
import { crashPoint } from './crash-point.js';
import { StoppedError } from './handler-call.js';
import { IdleWatch } from './idle-watch.js';
import type { ConsumeTuning } from './messaging-options.js';
import { PartitionLane } from './partition-lane.js';
import { pause } from './pauses.js';
import type { Subscription } from './subscription.js';
import { superviseConsumer } from './supervise-consumer.js';

const log = createLogger('consumer');
/** Work that takes longer no longer holds up the fetch loop, which is also what sends the heartbeats. */
const INLINE_MS = 500;
const FINISH_WITHIN_MS = 5000;

/**
 * Consumes one topic for one group. A partition whose batch takes long is paused and the fetch loop goes on: other
 * partitions flow, heartbeats are sent, rebalances are answered, however slow or stuck a handler is.
 */
export class EventConsumer {
  readonly health: ConsumerHealth;
  private readonly drain = new AbortController();
  private readonly abort = new AbortController();
  private readonly leave = new AbortController();
  private readonly lanes = new Map<number, PartitionLane>();
  private readonly idle: IdleWatch;
  private assigned: ReadonlySet<number> = new Set();
  private consumer: Consumer | undefined;
  private running: Promise<void> | undefined;

  constructor(
    private readonly subscription: Subscription,
    private readonly kafka: Kafka,
    private readonly tuning: ConsumeTuning,
    private readonly processor: BatchProcessor,
  ) {
    this.health = new ConsumerHealth(subscription.topic, tuning.unreadyAfterMs);
    this.idle = new IdleWatch(subscription, kafka, tuning.idleMs, (partition, highWatermark) => {
      this.goIdle(partition, highWatermark);
    });
  }

  start(): void {
    const { group, topic } = this.subscription;
    this.running ??= superviseConsumer({
      kafka: this.kafka,
      config: {
        groupId: group,
        sessionTimeout: this.tuning.sessionTimeoutMs,
        heartbeatInterval: this.tuning.heartbeatMs,
      },
      topic,
      health: this.health,
      stop: this.leave.signal,
      started: (consumer) => (this.consumer = consumer),
      joined: (partitions) => {
        this.joined(partitions);
      },
      eachBatch: (payload) => this.eachBatch(payload),
    });
  }

  /** Ends between two steps; a handler at work gets some seconds, then its signal, and its event comes again. */
  async stop(): Promise<void> {
    this.idle.stop();
    this.drain.abort();
    const late = setTimeout(() => {
      this.abort.abort();
    }, FINISH_WITHIN_MS);
    await Promise.all([...this.lanes.values()].map((lane) => lane.settled()));
    clearTimeout(late);
    this.leave.abort();
    await this.running;
  }

  private joined(partitions: readonly number[]): void {
    this.assigned = new Set(partitions);
    for (const [partition, lane] of this.lanes) if (!this.assigned.has(partition)) lane.leave();
    for (const partition of partitions) if (!this.lane(partition).isBusy) this.resume(partition);
    this.idle.joined(partitions);
  }

  private async eachBatch(payload: EachBatchPayload): Promise<void> {
    crashPoint('consume.received');
    const { batch } = payload;
    const { partition } = batch;
    const lane = this.lane(partition);
    if (lane.isBusy || this.drain.signal.aborted) {
      // The same records again, fetched by a consumer that joined anew while they are still being worked on.
      payload.pause();
      void lane.settled().then(() => this.resume(partition));
      return;
    }
    this.idle.busy(partition);
    let next: string | undefined;
    const work = lane.run((stops) =>
      this.processor.process(batch, stops, async (offset) => {
        next = offset;
        lag.set({ type: this.subscription.type, partition }, Number(BigInt(batch.highWatermark) - BigInt(offset)));
        await this.commit(partition, offset);
        if (offset === batch.highWatermark) this.idle.atEnd(partition, offset);
      }),
    );
    await within(work, INLINE_MS);
    if (lane.isBusy) {
      payload.pause();
      void work.then(() => this.resume(partition, lane.hasLeft ? undefined : next));
    } else if (next !== undefined) {
      payload.resolveOffset(String(BigInt(next) - 1n));
    }
  }

  /** A commit that fails costs nothing but records that come twice: what they say is in the inbox. */
  private async commit(partition: number, offset: string): Promise<void> {
    const { topic } = this.subscription;
    if (!this.assigned.has(partition)) return;
    try {
      await this.consumer?.commitOffsets([{ topic, partition, offset }]);
      crashPoint('consume.after-offset');
    } catch (error) {
      log.debug('an offset was not committed', { topic, partition, offset, error });
    }
  }

  private resume(partition: number, offset?: string): void {
    const { topic } = this.subscription;
    if (!this.assigned.has(partition) || this.drain.signal.aborted) return;
    try {
      if (offset !== undefined) this.consumer?.seek({ topic, partition, offset });
      this.consumer?.resume([{ topic, partitions: [partition] }]);
    } catch (error) {
      log.debug('a partition is resumed by the next join', { topic, partition, error });
    }
  }

  private goIdle(partition: number, highWatermark: string): void {
    const lane = this.lane(partition);
    if (lane.isBusy || !this.assigned.has(partition)) return;
    let failed = false;
    void lane
      .run(async (stops) => {
        try {
          await this.processor.idle(partition, highWatermark, stops);
        } catch (error) {
          failed = !(error instanceof StoppedError);
          if (failed) log.warn('an idle handler failed and is called again', { topic: this.subscription.topic, error });
        }
      })
      .then(() => {
        if (failed) this.idle.atEnd(partition, highWatermark);
        this.resume(partition);
      });
  }

  private lane(partition: number): PartitionLane {
    const existing = this.lanes.get(partition);
    if (existing) return existing;
    const lane = new PartitionLane({ drain: this.drain.signal, abort: this.abort.signal }, (error) => {
      log.error('a batch failed outside its handler', { topic: this.subscription.topic, partition, error });
    });
    this.lanes.set(partition, lane);
    return lane;
  }
}

async function within(work: Promise<void>, ms: number): Promise<void> {
  const done = new AbortController();
  await Promise.race([work, pause(ms, done.signal)]);
  done.abort();
}
