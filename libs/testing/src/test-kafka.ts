import type { BatonEvent, EventType } from '@baton/contracts';
import { ensureTopics, tailEvents } from '@baton/messaging';
import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import './shared-backing.js';
import { waitFor } from './wait-for.js';

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
  const end = new AbortController();
  const tail = tailEvents(
    { ...kafka, types: [...types], fromBeginning: true, signal: end.signal },
    (event) => void all.push(event),
  );
  const of = <T extends EventType>(type: T) => all.filter((event): event is BatonEvent<T> => event.type === type);
  return {
    all,
    of,
    waitFor: (type, fits = () => true, timeoutMs = 15_000) =>
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
