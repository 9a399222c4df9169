import type { MessageHandler } from '@nestjs/microservices';
import { describe, expect, it } from 'vitest';
import type { HandlerExtras } from './event-handlers.js';
import { MessagingOptions } from './messaging-options.js';
import { subscriptionsOf } from './subscription.js';

const options = new MessagingOptions({ service: 'deployment', brokers: [], prefix: 'p.', groupSuffix: '-b' });

function handler(kind: HandlerExtras['kind'], type: HandlerExtras['type'], next?: MessageHandler): MessageHandler {
  return Object.assign(() => Promise.resolve(undefined), { extras: { kind, type, tombstones: false }, next });
}

describe('subscriptions', () => {
  it('have one group per service and type, with prefix and suffix', () => {
    const [subscription] = subscriptionsOf([handler('event', 'model.approved')], options);

    expect(subscription).toMatchObject({ topic: 'p.model.approved', group: 'p.deployment.model.approved-b' });
  });

  it('join the idle handler to the one for events', () => {
    const idle = handler('idle', 'prediction.logged');
    const [subscription] = subscriptionsOf([idle, handler('batch', 'prediction.logged')], options);

    expect(subscription).toMatchObject({ kind: 'batch', idle });
  });

  it.each([
    ['twice the same', [handler('event', 'model.approved', handler('event', 'model.approved'))], /two event handlers/],
    ['by event and by batch', [handler('event', 'model.approved'), handler('batch', 'model.approved')], /both/],
    ['idle alone', [handler('idle', 'model.approved')], /none for its events/],
  ])('refuse a type that is handled %s', (_what, handlers, reason) => {
    expect(() => subscriptionsOf(handlers, options)).toThrow(reason);
  });
});
