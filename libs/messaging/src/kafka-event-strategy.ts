import { Database } from '@baton/database';
import { ErrorMapper, Readiness } from '@baton/service';
import { Injectable, Optional, type OnModuleDestroy } from '@nestjs/common';
import { Server, type CustomTransportStrategy } from '@nestjs/microservices';
import { BatchProcessor } from './batch-processor.js';
import { EventConsumer } from './event-consumer.js';
import { KAFKA_TRANSPORT } from './event-handlers.js';
import { keepInboxSmall } from './inbox.js';
import { createKafka } from './kafka-client.js';
import { MessagingOptions } from './messaging-options.js';
import { RecordSender } from './record-sender.js';
import { Slots } from './slots.js';
import { subscriptionsOf } from './subscription.js';
import { TransactionalApply } from './transactional-apply.js';

/** Of the ten connections that a service has by default. */
const CONCURRENT_TRANSACTIONS = 6;

/**
 * Nest's way in for events: methods with `@OnEvent` and `@OnBatch` become Kafka consumers, one group per service and
 * type. Nest's own Kafka transport forces one message at a time and delivers a failing event for ever.
 */
@Injectable()
export class KafkaEventStrategy extends Server implements CustomTransportStrategy, OnModuleDestroy {
  override readonly transportId = KAFKA_TRANSPORT;
  /** Failures of handlers are ours to judge; Nest needn't log them. */
  override readonly propagatesEventHandlerErrors = true;
  private consumers: EventConsumer[] = [];
  private stopCleaning: (() => void)[] = [];
  private deadLetters: RecordSender | undefined;

  constructor(
    private readonly options: MessagingOptions,
    private readonly errors: ErrorMapper,
    private readonly readiness: Readiness,
    @Optional() private readonly database?: Database,
  ) {
    super();
  }

  /** Starts consuming; doesn't wait for Kafka, which may come later. */
  listen(callback: () => void): void {
    const subscriptions = subscriptionsOf(this.messageHandlers.values(), this.options);
    if (subscriptions.length > 0) this.consume(subscriptions);
    callback();
  }

  /** Lets handlers finish. Called twice on a shutdown: by the first hook, and by Nest after the last. */
  async close(): Promise<void> {
    const consumers = this.consumers;
    this.consumers = [];
    for (const stop of this.stopCleaning.splice(0)) stop();
    await Promise.all(consumers.map((consumer) => consumer.stop()));
    await this.deadLetters?.close();
  }

  /** Consumers go before the database does. */
  async onModuleDestroy(): Promise<void> {
    await this.close();
  }

  override on(): never {
    throw new Error('events are handled by methods with @OnEvent');
  }

  override unwrap<T>(): T {
    return this.consumers as T;
  }

  private consume(subscriptions: ReturnType<typeof subscriptionsOf>): void {
    const { options, database } = this;
    if (!database || !options.outbox) throw new Error('event handlers need a database: outbox is off');
    const kafka = createKafka(options.brokers, options.service);
    const slots = new Slots(CONCURRENT_TRANSACTIONS);
    const deadLetters = new RecordSender(kafka);
    this.deadLetters = deadLetters;
    for (const subscription of subscriptions) {
      const apply = new TransactionalApply(subscription, options, database, slots);
      const processor = new BatchProcessor(subscription, options, apply, this.errors, deadLetters);
      const consumer = new EventConsumer(subscription, kafka, options.tuning, processor);
      this.readiness.add(`consumer ${subscription.type}`, () => consumer.health.problem());
      if (subscription.kind === 'event' && options.inbox) {
        this.stopCleaning.push(keepInboxSmall(database, subscription.type, subscription.group));
      }
      consumer.start();
      this.consumers.push(consumer);
    }
  }
}
