import type { BatonEvent, EventType } from '@baton/contracts';
import { ensureTopics, tailEvents } from '@baton/messaging';
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { inject } from 'vitest';
import './shared-backing.js';
import { WAIT_MS, waitFor } from './wait-for.js';

/** Topics of one test file on the shared Kafka. */
export interface TestKafka {
  readonly brokers: string[];
  readonly prefix: string;
}

/** Makes the catalogue's topics under a prefix of their own. */
export async function testKafka(): Promise<TestKafka> {
  const brokers = [inject('batonBacking').brokers];
  const prefix = `t${randomBytes(5).toString('hex')}.`;
  await ensureTopics(brokers, prefix);
  return { brokers, prefix };
}

/** Events as they came, in order of arrival. */
export interface CollectedEvents {
  readonly all: readonly BatonEvent[];
  of<T extends EventType>(type: T): readonly BatonEvent<T>[];
  /** The first event of the type that fits. @throws Error after `timeoutMs` telling what came instead */
  waitFor<T extends EventType>(
    type: T,
    fits?: (event: BatonEvent<T>) => boolean,
    timeoutMs?: number,
  ): Promise<BatonEvent<T>>;
  stop(): Promise<void>;
}

/** Collects everything on the topics of the types, from their beginning on. */
export function collectEvents(kafka: TestKafka, types: readonly EventType[]): CollectedEvents {
  const all: BatonEvent[] = [];
  const places = new Set<string>();
  const end = new AbortController();
  const collect = () =>
    tailEvents(
      { ...kafka, types: [...types], fromBeginning: true, signal: end.signal },
      (event, { partition, offset }) => {
        const place = `${event.type}/${partition}/${offset}`;
        if (!places.has(place)) all.push(event);
        places.add(place);
      },
    );
  const tail = collectUntil(end.signal, collect);
  const of = <T extends EventType>(type: T) => all.filter((event): event is BatonEvent<T> => event.type === type);
  return {
    all,
    of,
    waitFor: (type, fits = () => true, timeoutMs = WAIT_MS) =>
      waitFor(() => of(type).find(fits), {
        timeoutMs,
        what: () =>
          `${type}; there came ${all.map((event) => `${event.type} ${event.subject}`).join(', ') || 'nothing'}`,
      }),
    stop: async () => {
      end.abort();
      await tail;
    },
  };
}

/** A tail ends with any trouble of Kafka's, which may be what the test is about: it is begun again from the start. */
async function collectUntil(stop: AbortSignal, collect: () => Promise<void>): Promise<void> {
  while (!stop.aborted) await collect().catch(() => pause(200, undefined, { ref: false }));
}
