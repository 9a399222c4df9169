import { ErrorMapper } from '@baton/service';
import { createLogger } from '@baton/telemetry';
import type { KafkaMessage } from 'kafkajs';
import { eventsTotal } from './consume-metrics.js';
import { deadLetterHeaders } from './dead-letter.js';
import { StoppedError } from './handler-call.js';
import { MessagingOptions } from './messaging-options.js';
import { pause, pauseMs } from './pauses.js';
import { MalformedEventError, readEvent } from './received.js';
import { RecordSender } from './record-sender.js';
import type { Subscription } from './subscription.js';
import { deadLetterTopic } from './topics.js';
import { EventFailure, type PlacedEvent, type TransactionalApply } from './transactional-apply.js';

const log = createLogger('consumer');

/** Records of one partition in their order. */
export interface PartitionBatch {
  partition: number;
  /** Offset of the next record that will be written, as of the fetch. */
  highWatermark: string;
  messages: readonly KafkaMessage[];
}

/** A part of a batch that is worked on at once. */
interface Chunk extends PartitionBatch {
  /** Offset of the event behind which the partition ends; undefined when more follows this chunk. */
  endsWith?: string;
}

/** How work ends early: `drain` between two steps, `abort` within a handler. */
export interface Stops {
  drain: AbortSignal;
  abort: AbortSignal;
}

/** What a partition's events go through: many in a transaction; after a failure one by one; at last aside. */
export class BatchProcessor {
  constructor(
    private readonly subscription: Subscription,
    private readonly options: MessagingOptions,
    private readonly apply: TransactionalApply,
    private readonly errors: ErrorMapper,
    private readonly deadLetters: RecordSender,
  ) {}

  /**
   * Works through a batch, saying after each transaction which offset comes next.
   * @throws StoppedError
   */
  async process(batch: PartitionBatch, stops: Stops, done: (next: string) => Promise<void>): Promise<void> {
    const { maxBatch } = this.options.tuning;
    for (let start = 0; start < batch.messages.length; start += maxBatch) {
      const chunk = batch.messages.slice(start, start + maxBatch);
      await this.processChunk({ ...batch, messages: chunk }, stops, done);
    }
  }

  /** @throws what the idle handler throws; it's called again when the partition has been silent once more */
  async idle(partition: number, highWatermark: string, stops: Stops): Promise<void> {
    await this.apply.idle(partition, highWatermark, stops.abort);
  }

  private async processChunk(
    chunk: PartitionBatch,
    stops: Stops,
    done: (next: string) => Promise<void>,
  ): Promise<void> {
    const events: PlacedEvent[] = [];
    for (const message of chunk.messages) {
      try {
        const event = {
          ...readEvent(this.subscription.type, message),
          partition: chunk.partition,
          offset: message.offset,
        };
        if (event.data !== null || this.subscription.tombstones) events.push(event);
      } catch (error) {
        if (!(error instanceof MalformedEventError)) throw error;
        await this.putAside(chunk, message, error, 1, stops);
      }
    }
    const last = chunk.messages.at(-1)?.offset;
    const isEnd = last !== undefined && after(last) === chunk.highWatermark;
    const batch: Chunk = { ...chunk, endsWith: isEnd ? events.at(-1)?.offset : undefined };
    for (let rest = events; rest.length > 0; ) {
      const applied = await this.applySome(batch, rest, stops);
      rest = rest.slice(applied);
      const settled = events.at(-rest.length - 1);
      if (rest.length > 0 && settled) await done(after(settled.offset));
    }
    if (last !== undefined) await done(after(last));
  }

  /** Answers how many events from the first on are settled: applied, or put aside. */
  private async applySome(batch: Chunk, events: readonly PlacedEvent[], stops: Stops): Promise<number> {
    const outcome = await this.attempt(batch, events, stops);
    if (typeof outcome === 'number') return outcome;
    for (const event of events) {
      const isCulprit = outcome.offset === event.offset || events.length === 1;
      await this.applyAlone(batch, event, isCulprit ? outcome : undefined, stops);
    }
    return events.length;
  }

  private async applyAlone(
    batch: Chunk,
    event: PlacedEvent,
    firstFailure: AttemptFailure | undefined,
    stops: Stops,
  ): Promise<void> {
    const { maxTries, firstPauseMs, maxPauseMs } = this.options.tuning;
    let failure = firstFailure;
    for (let tries = failure ? 1 : 0; tries < maxTries; tries += 1) {
      if (tries > 0) await pause(pauseMs(tries, firstPauseMs, maxPauseMs), stops.drain);
      const outcome = await this.attempt(batch, [event], stops);
      if (typeof outcome === 'number') return;
      failure = outcome;
    }
    const message = batch.messages.find(({ offset }) => offset === event.offset);
    if (message) await this.putAside(batch, message, failure?.error, maxTries, stops);
  }

  /** Tries until there's an answer: failures that are somebody else's absence are waited out, however long. */
  private async attempt(batch: Chunk, events: readonly PlacedEvent[], stops: Stops): Promise<number | AttemptFailure> {
    const { firstPauseMs, maxPauseMs } = this.options.tuning;
    const { highWatermark, endsWith } = batch;
    const atEnd = endsWith !== undefined && events.at(-1)?.offset === endsWith;
    for (let waits = 1; ; waits += 1) {
      if (stops.drain.aborted) throw new StoppedError();
      try {
        return await this.apply.apply(events, { highWatermark, atEnd }, stops.abort);
      } catch (error) {
        const cause = error instanceof EventFailure ? error.cause : error;
        if (cause instanceof StoppedError) throw cause;
        const offset = error instanceof EventFailure ? error.offset : undefined;
        const { retriable } = this.errors.map(cause);
        this.note(cause, { retriable, waits, offset, partition: batch.partition });
        if (!retriable) return { offset, error: cause };
        await pause(pauseMs(waits, firstPauseMs, maxPauseMs), stops.drain);
      }
    }
  }

  private note(error: unknown, fields: Record<string, unknown> & { retriable: boolean; waits: number }): void {
    const { type } = this.subscription;
    eventsTotal.inc({ type, outcome: 'failed' });
    if (fields.retriable && fields.waits > 1 && fields.waits % 20 !== 0) return;
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    log.warn(fields.retriable ? 'an event waits' : 'a handler failed', { type, reason, ...fields });
  }

  private async putAside(
    batch: PartitionBatch,
    message: KafkaMessage,
    error: unknown,
    tries: number,
    stops: Stops,
  ): Promise<void> {
    const { type, topic, group } = this.subscription;
    const failure = { topic, group, partition: batch.partition, offset: message.offset, error, tries };
    const record = {
      topic: deadLetterTopic(this.options.prefix, type),
      key: message.key,
      value: message.value,
      headers: deadLetterHeaders(message.headers, failure),
    };
    try {
      await this.deadLetters.send([record], { signal: stops.drain });
    } catch (cause) {
      throw stops.drain.aborted ? new StoppedError() : cause;
    }
    eventsTotal.inc({ type, outcome: 'dead-letter' });
    log.error('an event became a dead letter', {
      type,
      partition: batch.partition,
      offset: message.offset,
      tries,
      error,
    });
  }
}

interface AttemptFailure {
  offset?: string;
  error: unknown;
}

function after(offset: string): string {
  return String(BigInt(offset) + 1n);
}
