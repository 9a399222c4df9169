import { Database, Transaction } from '@baton/database';
import type { BatonEvent } from '@baton/contracts';
import { withSpan } from '@baton/telemetry';
import { eventsTotal, handlerSeconds } from './consume-metrics.js';
import { crashPoint } from './crash-point.js';
import { callHandler, withDeadline } from './handler-call.js';
import { claim, unclaim } from './inbox.js';
import { MessagingOptions } from './messaging-options.js';
import { handledEvent } from './new-event.js';
import { Slots } from './slots.js';
import type { Subscription } from './subscription.js';

/** An event and the place it came from. */
export type PlacedEvent = BatonEvent & { readonly partition: number; readonly offset: string };

/** Tells which event of a transaction failed. */
export class EventFailure extends Error {
  override readonly name = 'EventFailure';

  constructor(
    readonly offset: string,
    override readonly cause: unknown,
  ) {
    super('an event failed');
  }
}

/** What a batch handler hears of its partition beside the events. */
export interface BatchPlace {
  highWatermark: string;
  atEnd: boolean;
}

/** A transaction that goes on for longer is committed between two events: a failure then costs less. */
const LONG_TRANSACTION_MS = 2000;

/** Applies events in one transaction: inbox rows, handler, commit. Knows nothing of retries or offsets. */
export class TransactionalApply {
  constructor(
    private readonly subscription: Subscription,
    private readonly options: MessagingOptions,
    private readonly database: Database,
    /** Shared by all consumers of a service: requests need connections, too. */
    private readonly slots: Slots,
  ) {}

  /**
   * Answers how many events, from the first on, are applied and committed.
   * @throws EventFailure when a handler failed, or the database's error; nothing is applied then
   */
  async apply(events: readonly PlacedEvent[], place: BatchPlace, stop: AbortSignal): Promise<number> {
    const applied = await this.transaction(async (tx) => {
      await this.limitStatements(tx);
      const count =
        this.subscription.kind === 'batch'
          ? await this.applyBatch(tx, events, place, stop)
          : await this.applyEach(tx, events, stop);
      crashPoint('consume.before-commit');
      return count;
    });
    crashPoint('consume.before-offset');
    return applied;
  }

  /** Runs the idle handler of a partition in a transaction of its own. */
  async idle(partition: number, highWatermark: string, stop: AbortSignal): Promise<void> {
    const { idle, type } = this.subscription;
    if (!idle) return;
    await this.transaction((tx) =>
      withSpan(`idle ${type}`, { kind: 'internal', attributes: { partition } }, () =>
        withDeadline((signal) => callHandler(idle, partition, { tx, highWatermark, signal }), this.timeoutMs, stop),
      ),
    );
  }

  private transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.slots.run(() => this.database.transaction(work));
  }

  private get timeoutMs(): number {
    return this.options.tuning.handlerTimeoutMs;
  }

  /**
   * A statement that waits for ever would hold up the rollback that ends a handler that took too long. It may wait a
   * little longer than the handler: that one's failure is counted, the database's is taken for a passing one.
   */
  private async limitStatements(tx: Transaction): Promise<void> {
    await tx.query(`select set_config('statement_timeout', $1, true)`, [String(this.timeoutMs + 1000)]);
  }

  private async applyEach(tx: Transaction, events: readonly PlacedEvent[], stop: AbortSignal): Promise<number> {
    const { group, type } = this.subscription;
    const ids = events.map(({ id }) => id);
    const fresh = this.options.inbox ? await claim(tx, group, ids) : new Set(ids);
    const startedAt = Date.now();
    for (const [index, event] of events.entries()) {
      // Deleting it sorts out a twin within this batch, too.
      const isNew = this.options.inbox ? fresh.delete(event.id.toLowerCase()) : true;
      if (isNew) await this.applyOne(tx, event, stop);
      eventsTotal.inc({ type, outcome: isNew ? 'handled' : 'duplicate' });
      if (Date.now() - startedAt > LONG_TRANSACTION_MS && index < events.length - 1) {
        if (this.options.inbox) await unclaim(tx, group, [...fresh]);
        return index + 1;
      }
    }
    return events.length;
  }

  private async applyOne(tx: Transaction, event: PlacedEvent, stop: AbortSignal): Promise<void> {
    const { type, handler } = this.subscription;
    const { partition, offset } = event;
    const options = {
      kind: 'consumer' as const,
      parent: event,
      attributes: this.attributes(partition, { offset, id: event.id }),
    };
    crashPoint('consume.before-handler');
    const timer = handlerSeconds.startTimer({ type });
    try {
      await withSpan(`process ${type}`, options, () =>
        handledEvent.run(event, () =>
          withDeadline(
            (signal) => callHandler(handler, event, { tx, partition, offset, signal }),
            this.timeoutMs,
            stop,
          ),
        ),
      );
    } catch (error) {
      throw new EventFailure(offset, error);
    } finally {
      timer();
    }
  }

  private async applyBatch(
    tx: Transaction,
    events: readonly PlacedEvent[],
    place: BatchPlace,
    stop: AbortSignal,
  ): Promise<number> {
    const { type, handler } = this.subscription;
    const partition = events[0]?.partition ?? 0;
    const attributes = { ...this.attributes(partition, {}), 'messaging.batch.message_count': events.length };
    const links = events.filter(({ traceparent }) => traceparent !== undefined);
    crashPoint('consume.before-handler');
    const timer = handlerSeconds.startTimer({ type });
    try {
      await withSpan(`process ${type}`, { kind: 'consumer', links, attributes }, () =>
        withDeadline(
          (signal) => callHandler(handler, events, { tx, partition, ...place, signal }),
          this.timeoutMs,
          stop,
        ),
      );
    } finally {
      timer();
    }
    eventsTotal.inc({ type, outcome: 'handled' }, events.length);
    return events.length;
  }

  private attributes(
    partition: number,
    { offset, id }: { offset?: string; id?: string },
  ): Record<string, string | number> {
    return {
      'messaging.system': 'kafka',
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.name': this.subscription.topic,
      'messaging.destination.partition.id': String(partition),
      'messaging.consumer.group.name': this.subscription.group,
      ...(offset === undefined ? {} : { 'messaging.kafka.offset': Number(offset) }),
      ...(id === undefined ? {} : { 'messaging.message.id': id }),
    };
  }
}
