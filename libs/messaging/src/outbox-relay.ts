import type { EventType } from '@baton/contracts';
import { Database } from '@baton/database';
import { createLogger } from '@baton/telemetry';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { crashPoint } from './crash-point.js';
import { createKafka } from './kafka-client.js';
import { MessagingOptions } from './messaging-options.js';
import { OutboxLease } from './outbox-lease.js';
import { OutboxMetrics } from './outbox-metrics.js';
import { pause } from './pauses.js';
import { underProducerSpans } from './producer-spans.js';
import { RecordSender } from './record-sender.js';
import { topicName } from './topics.js';

const log = createLogger('outbox-relay');
const POLL_MS = 1000;
const STOP_WITHIN_MS = 5000;
const MAX_ROWS = 500;
const MAX_BYTES = 4_000_000;

interface PendingRow {
  id: string;
  type: EventType;
  key: string;
  headers: Record<string, string>;
  value: string | null;
}

/**
 * Everything there is, by id: sequences commit out of order, so whoever asks for "id > last seen" loses rows. The
 * running sum keeps a batch within what one request may carry; the first row is always in.
 */
const SELECT_PENDING = `
  select id, type, key, headers, value from (
    select id, type, key, headers, value,
           sum(coalesce(octet_length(value), 0)) over (order by id) - coalesce(octet_length(value), 0) as bytes_before
    from (select * from outbox order by id limit ${MAX_ROWS}) as oldest
  ) as summed
  where bytes_before < ${MAX_BYTES} order by id`;

/** Carries the outbox to Kafka: in order, one batch in flight, deleting what was acknowledged. */
@Injectable()
export class OutboxRelay implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly stopping = new AbortController();
  private readonly sender: RecordSender;
  private readonly metrics: OutboxMetrics;
  private waker = Promise.withResolvers<void>();
  private running: Promise<void> | undefined;
  private stopped = false;

  constructor(
    private readonly options: MessagingOptions,
    private readonly database: Database,
  ) {
    this.sender = new RecordSender(createKafka(options.brokers, `${options.service}-outbox`));
    this.metrics = new OutboxMetrics(database);
  }

  /** Says that a transaction with events has committed in this process. */
  wake(): void {
    this.waker.resolve();
  }

  onApplicationBootstrap(): void {
    this.metrics.start();
    this.running ??= this.run();
  }

  /**
   * Lets the batch on its way finish, for a while; rows that stay are sent by the next leader. In the first of the
   * shutdown hooks, since the database can't close while the lease is out.
   */
  async onModuleDestroy(): Promise<void> {
    this.metrics.stop();
    const giveUp = setTimeout(() => this.stopping.abort(), this.sender.isFailing ? 0 : STOP_WITHIN_MS);
    this.stopped = true;
    this.wake();
    await this.running;
    clearTimeout(giveUp);
    await this.sender.close();
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      const lease = new OutboxLease(this.database);
      try {
        if (await lease.acquire()) await this.lead(lease);
      } catch (error) {
        if (!this.stopped)
          log.warn('the outbox waits', { reason: error instanceof Error ? error.message : String(error) });
      } finally {
        await lease.release();
      }
      if (!this.stopped) await this.wakeOrPoll();
    }
  }

  private async lead(lease: OutboxLease): Promise<void> {
    log.debug('leading the outbox');
    while (!this.stopped) {
      crashPoint('relay.before-read');
      const rows = await lease.query<PendingRow>(SELECT_PENDING);
      if (rows.length > 0) await this.carry(lease, rows);
      else await this.wakeOrPoll();
    }
  }

  private async carry(lease: OutboxLease, rows: PendingRow[]): Promise<void> {
    const subjects = rows.map(({ type, key, headers }) => ({
      topic: topicName(this.options.prefix, type),
      key,
      parent: headers,
    }));
    crashPoint('relay.before-send');
    await underProducerSpans(subjects, async (traces) => {
      const records = rows.map((row, index) => ({
        topic: topicName(this.options.prefix, row.type),
        key: row.key,
        value: row.value,
        headers: { ...row.headers, ...traces[index] },
      }));
      const sent = this.sender.send(records, { signal: this.stopping.signal, beforeTry: () => lease.confirm() });
      crashPoint('relay.sending');
      await sent;
    });
    crashPoint('relay.before-delete');
    await lease.query('delete from outbox where id = any($1::bigint[])', [rows.map(({ id }) => id)]);
    crashPoint('relay.after-delete');
  }

  private async wakeOrPoll(): Promise<void> {
    const timeUp = new AbortController();
    await Promise.race([this.waker.promise, pause(POLL_MS, timeUp.signal)]);
    timeUp.abort();
    this.waker = Promise.withResolvers<void>();
  }
}
