import type { EventType } from '@baton/contracts';
import type { MessageHandler } from '@nestjs/microservices';
import type { HandlerExtras } from './event-handlers.js';
import { MessagingOptions } from './messaging-options.js';
import { topicName } from './topics.js';

/** What one consumer does: a topic, its group, and the methods that handle it. */
export interface Subscription {
  readonly type: EventType;
  readonly topic: string;
  readonly group: string;
  readonly kind: 'event' | 'batch';
  readonly tombstones: boolean;
  readonly handler: MessageHandler;
  readonly idle?: MessageHandler;
}

/**
 * Makes a consumer's plan from each handler Nest found.
 * @throws TypeError for two handlers of one type in a service, or an idle handler without one for its events
 */
export function subscriptionsOf(handlers: Iterable<MessageHandler>, options: MessagingOptions): Subscription[] {
  const found = [...handlers].map((handler) => ({ handler, extras: handler.extras as HandlerExtras & object }));
  for (const { handler, extras } of found) {
    if (handler.next) throw new TypeError(`two ${extras.kind} handlers for ${extras.type}: call both from one`);
  }
  const idle = new Map(
    found.filter(({ extras }) => extras.kind === 'idle').map(({ extras, handler }) => [extras.type, handler]),
  );
  const subscriptions = new Map<EventType, Subscription>();
  for (const { handler, extras } of found) {
    const { kind, type, tombstones } = extras;
    if (kind === 'idle') continue;
    if (subscriptions.has(type)) throw new TypeError(`${type} is handled both by event and by batch`);
    subscriptions.set(type, {
      type,
      topic: topicName(options.prefix, type),
      group: options.group(type),
      kind,
      tombstones,
      handler,
      idle: idle.get(type),
    });
  }
  for (const type of idle.keys()) {
    if (!subscriptions.has(type)) throw new TypeError(`an idle handler for ${type}, but none for its events`);
  }
  return [...subscriptions.values()];
}
