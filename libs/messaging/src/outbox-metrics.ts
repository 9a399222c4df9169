import { Database } from '@baton/database';
import { gauge } from '@baton/telemetry';

const EVERY_MS = 5000;

/** How far the outbox is behind, also while the relay hangs on an absent Kafka. */
export class OutboxMetrics {
  private readonly pending = gauge('outbox_pending', 'Events committed and not yet on Kafka');
  private readonly oldest = gauge('outbox_oldest_seconds', 'Age of the oldest event that is not yet on Kafka');
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly database: Database) {}

  start(): void {
    this.timer ??= setInterval(() => void this.measure().catch(() => undefined), EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Leaves the last numbers standing when Postgres is away: readiness tells of that. */
  private async measure(): Promise<void> {
    const [row] = await this.database.manager.query<{ pending: string; seconds: string | null }[]>(
      'select count(*) as pending, extract(epoch from now() - min(created_at)) as seconds from outbox',
    );
    this.pending.set(Number(row?.pending ?? 0));
    this.oldest.set(Number(row?.seconds ?? 0));
  }
}
