import type { Consumer, Kafka } from 'kafkajs';
import { pause, pauseMs } from './pauses.js';

/** Fetches in a row that must bring nothing before silence counts as the end. */
const SILENT_FETCHES = 3;

/**
 * Tells when a follower has seen what was in the topic at first. The last offsets may be holes, since compaction
 * removes tombstones too, so there are two signs: the position reached the end, or fetching brings no more records.
 */
export class FollowerEnd {
  readonly reached: Promise<void>;
  private readonly resolver = Promise.withResolvers<void>();
  private readonly positions = new Map<number, bigint>();
  private ends: Map<number, bigint> | undefined;
  private silent = 0;
  private answered = false;

  constructor(
    private readonly kafka: Kafka,
    private readonly topic: string,
    stop: AbortSignal,
  ) {
    this.reached = this.resolver.promise;
    void this.look(stop);
  }

  /** Records up to (not including) an offset are applied. */
  applied(partition: number, next: bigint): void {
    this.silent = 0;
    this.positions.set(partition, next);
    this.decide();
  }

  /** Counts fetches that the broker answered and that brought nothing. */
  watch(consumer: Consumer): void {
    const restart = () => {
      this.silent = 0;
      this.answered = false;
    };
    restart();
    consumer.on(consumer.events.GROUP_JOIN, restart);
    consumer.on(consumer.events.START_BATCH_PROCESS, restart);
    consumer.on(consumer.events.REQUEST, ({ payload }) => {
      if (payload.apiName === 'Fetch') this.answered = true;
    });
    consumer.on(consumer.events.FETCH_START, () => {
      if (this.answered) this.silent += 1;
      this.answered = false;
      this.decide();
    });
  }

  private decide(): void {
    if (!this.ends) return;
    const isThere = [...this.ends].every(([partition, end]) => (this.positions.get(partition) ?? 0n) >= end);
    if (isThere || this.silent >= SILENT_FETCHES) this.resolver.resolve();
  }

  private async look(stop: AbortSignal): Promise<void> {
    for (let failures = 1; !stop.aborted; failures += 1) {
      const admin = this.kafka.admin({ retry: { retries: 2 } });
      try {
        await admin.connect();
        const offsets = await admin.fetchTopicOffsets(this.topic);
        this.ends = new Map(
          offsets
            .filter(({ low, high }) => BigInt(high) > BigInt(low))
            .map(({ partition, high }) => [partition, BigInt(high)]),
        );
        this.decide();
        return;
      } catch {
        await pause(pauseMs(failures, 200, 2000), stop);
      } finally {
        await admin.disconnect().catch(() => undefined);
      }
    }
  }
}
