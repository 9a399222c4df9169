import { toHeaders, type BatonEvent, type EventPayload, type EventType } from '@baton/contracts';
import { Transaction } from '@baton/database';
import { ServiceError } from '@baton/service';
import { Injectable } from '@nestjs/common';
import { crashPoint } from './crash-point.js';
import { MessagingOptions } from './messaging-options.js';
import { makeEvent, makeTombstone, type EventOptions } from './new-event.js';
import { OutboxRelay } from './outbox-relay.js';
import { MAX_RECORD_BYTES } from './topics.js';

const MAX_VALUE_BYTES = MAX_RECORD_BYTES - 65_536;
const INSERT = 'insert into outbox (event_id, type, key, headers, value) values ($1, $2, $3, $4, $5)';

/**
 * Events out: a row in the same transaction as what it tells of, so that neither exists without the other.
 *
 * Order per key: rows are sent by id, and ids are given at the insert. Two transactions on one aggregate come one
 * after the other because each first changes (or locks) the aggregate's row, and publishes after that: the second
 * waits for the row until the first has committed, so it gets the later id, and the first one's events are visible
 * before the second has any. Publish after the change, never before it.
 */
@Injectable()
export class Outbox {
  constructor(
    private readonly options: MessagingOptions,
    private readonly relay: OutboxRelay,
  ) {}

  /**
   * Says a fact when the transaction commits.
   * @throws InvalidPayloadError when the payload doesn't fit the catalogue
   * @throws ServiceError `event-too-large`
   */
  async publish<T extends EventType>(
    tx: Transaction,
    type: T,
    data: EventPayload<T>,
    options: EventOptions = {},
  ): Promise<BatonEvent<T>> {
    const event = makeEvent(type, data, { ...options, source: this.options.source });
    await this.insert(tx, event);
    return event;
  }

  /** Says the last word on a key of a compacted topic. */
  async publishTombstone<T extends EventType>(
    tx: Transaction,
    type: T,
    key: string,
    options: EventOptions = {},
  ): Promise<BatonEvent<T>> {
    const event = makeTombstone(type, key, { ...options, source: this.options.source });
    await this.insert(tx, event);
    return event;
  }

  private async insert(tx: Transaction, event: BatonEvent): Promise<void> {
    const value = event.data === null ? null : JSON.stringify(event.data);
    if (value !== null && Buffer.byteLength(value) > MAX_VALUE_BYTES) {
      throw new ServiceError('event-too-large', `${event.type} has more than ${MAX_VALUE_BYTES} bytes`, {
        status: 413,
      });
    }
    crashPoint('publish.before-insert');
    await tx.query(INSERT, [event.id, event.type, event.subject, JSON.stringify(toHeaders(event)), value]);
    crashPoint('publish.before-commit');
    tx.afterCommit(() => {
      crashPoint('publish.after-commit');
      this.relay.wake();
    });
  }
}
