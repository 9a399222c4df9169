export { armCrashPoint, crashPoint, crashPoints, type CrashPoint } from './crash-point.js';
export type { DeadLetter } from './dead-letter.js';
export { listDeadLetters, replayDeadLetters } from './dead-letters.js';
export {
  OnBatch,
  OnEvent,
  OnIdle,
  type BatchContext,
  type BatonEventAt,
  type EventContext,
  type IdleContext,
} from './event-handlers.js';
export { EventProducer, type OutgoingEvent } from './event-producer.js';
export { Follower, type FollowerHandler } from './follower.js';
export { Followers } from './followers.js';
export { KafkaEventStrategy } from './kafka-event-strategy.js';
export { defaultTuning, MessagingOptions, type ConsumeTuning, type MessagingSettings } from './messaging-options.js';
export { InboxRow, messagingEntities, messagingTablesSql, OutboxRow } from './messaging-tables.js';
export { connectEvents, MessagingModule } from './messaging.module.js';
export { makeEvent, type EventOptions } from './new-event.js';
export { Outbox } from './outbox.js';
export type { DataEvent } from './received.js';
export { tailEvents, type TailOptions } from './tail-events.js';
export { deadLetterTopic, ensureTopics, topicName } from './topics.js';
