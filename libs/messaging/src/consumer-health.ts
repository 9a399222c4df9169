import { isKafkaAway } from './kafka-errors.js';

/** How one consumer is, for readiness. */
export class ConsumerHealth {
  private brokenSince: number | undefined;
  private error: unknown;

  constructor(
    private readonly topic: string,
    private readonly unreadyAfterMs: number,
  ) {}

  works(): void {
    this.brokenSince = undefined;
  }

  broke(error: unknown): void {
    this.brokenSince ??= Date.now();
    this.error = error;
  }

  /**
   * Why the service shouldn't be trusted with more work; undefined if it may. Kafka being away is no reason: nobody
   * else could consume either, and what the service has to say is kept.
   */
  problem(now = Date.now()): string | undefined {
    if (this.brokenSince === undefined || now - this.brokenSince < this.unreadyAfterMs) return undefined;
    if (isKafkaAway(this.error)) return undefined;
    const reason = this.error instanceof Error ? this.error.message : String(this.error);
    return `the consumer of ${this.topic} is broken: ${reason}`;
  }
}
