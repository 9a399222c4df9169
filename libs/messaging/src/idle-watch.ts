import { createLogger } from '@baton/telemetry';
import type { Kafka } from 'kafkajs';
import type { Subscription } from './subscription.js';

const log = createLogger('consumer');

/** Notices partitions that were read to their end and stay silent. Does nothing for a topic without idle handler. */
export class IdleWatch {
  private readonly timers = new Map<number, NodeJS.Timeout>();

  constructor(
    private readonly subscription: Subscription,
    private readonly kafka: Kafka,
    private readonly idleMs: number,
    private readonly onIdle: (partition: number, highWatermark: string) => void,
  ) {}

  /** A batch came. */
  busy(partition: number): void {
    clearTimeout(this.timers.get(partition));
    this.timers.delete(partition);
  }

  /** Everything there was is applied. */
  atEnd(partition: number, highWatermark: string): void {
    this.arm(partition, () => {
      this.onIdle(partition, highWatermark);
    });
  }

  /** After a join there may be nothing new to fetch at all, so the broker is asked where its partitions end. */
  joined(partitions: readonly number[]): void {
    this.stop();
    for (const partition of partitions) this.arm(partition, () => void this.ask(partition));
  }

  stop(): void {
    for (const partition of this.timers.keys()) this.busy(partition);
  }

  private arm(partition: number, run: () => void): void {
    if (!this.subscription.idle) return;
    clearTimeout(this.timers.get(partition));
    this.timers.set(
      partition,
      setTimeout(() => {
        this.timers.delete(partition);
        run();
      }, this.idleMs).unref(),
    );
  }

  private async ask(partition: number): Promise<void> {
    const again = setTimeout(() => undefined, 0);
    this.timers.set(partition, again);
    const end = await this.endIfReached(partition).catch((error: unknown) => {
      log.debug('idle partitions are asked for again', { topic: this.subscription.topic, error });
      return undefined;
    });
    // A batch came, or a new assignment, while the broker was asked.
    if (this.timers.get(partition) !== again) return;
    this.timers.delete(partition);
    if (end === undefined) this.arm(partition, () => void this.ask(partition));
    else this.onIdle(partition, end);
  }

  /** The end of a partition if the group has committed up to it. */
  private async endIfReached(partition: number): Promise<string | undefined> {
    const { topic, group } = this.subscription;
    const admin = this.kafka.admin({ retry: { retries: 1 } });
    await admin.connect();
    try {
      const ends = await admin.fetchTopicOffsets(topic);
      const [committed] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
      const end = ends.find((each) => each.partition === partition);
      const own = committed?.partitions.find((each) => each.partition === partition);
      if (!end) return undefined;
      const position = Math.max(Number(own?.offset ?? -1), Number(end.low));
      return position >= Number(end.high) ? end.high : undefined;
    } finally {
      await admin.disconnect();
    }
  }
}
