import { Module, type DynamicModule, type INestApplication, type Type } from '@nestjs/common';
import { armCrashPoint } from './crash-point.js';
import { EventProducer } from './event-producer.js';
import { Followers } from './followers.js';
import { KafkaEventStrategy } from './kafka-event-strategy.js';
import { MessagingOptions, type MessagingSettings } from './messaging-options.js';
import { Outbox } from './outbox.js';
import { OutboxRelay } from './outbox-relay.js';

/** Events in and out of a service. Needs the global DatabaseModule, unless `outbox` is false. */
@Module({})
export class MessagingModule {
  static forService(settings: MessagingSettings): DynamicModule {
    const options = new MessagingOptions(settings);
    armCrashPoint(settings.crashAt);
    const always: Type[] = [EventProducer, Followers, KafkaEventStrategy];
    const withOutbox: Type[] = [Outbox, OutboxRelay];
    return {
      module: MessagingModule,
      global: true,
      providers: [{ provide: MessagingOptions, useValue: options }, ...always, ...(options.outbox ? withOutbox : [])],
      exports: [...always, ...(options.outbox ? withOutbox : [])],
    };
  }
}

/** Makes `@OnEvent` and `@OnBatch` methods of the application's controllers consume. Call before it listens. */
export function connectEvents(app: INestApplication): Promise<void> {
  app.connectMicroservice({ strategy: app.get(KafkaEventStrategy) });
  return Promise.resolve();
}
