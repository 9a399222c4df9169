import { EventProducer, type OutgoingEvent } from '@baton/messaging';
import { counter, createLogger, gauge } from '@baton/telemetry';
import { setTimeout as pause } from 'node:timers/promises';
import type { Spool } from './spool.js';
import type { Segment } from './spool-files.js';
import type { DecodedRecord, SpoolRecord } from './spool-record.js';

const log = createLogger('prediction-log');
const MAX_EVENTS = 500;
const RETRY_MS = 1000;
const LIMIT_CHECK_MS = 1000;

export interface ShipperOptions {
  /** Bytes of the spool at most. */
  readonly maxBytes: number;
}

/** Carries the spool to Kafka, in order. A record may come twice, with the same event id and sequence; none is left out. */
export class Shipper {
  private readonly stopping = new AbortController();
  private readonly dropped = counter('prediction_log_dropped_total', 'Predictions dropped because the spool was full');
  private waker = Promise.withResolvers<void>();
  private shipped: number;
  private position: { segment: number; byte: number } = { segment: 0, byte: 0 };
  private running: Promise<void[]> | undefined;

  constructor(
    private readonly spool: Spool,
    private readonly producer: EventProducer,
    private readonly options: ShipperOptions,
  ) {
    this.shipped = spool.files.shipped();
    const { files } = spool;
    gauge('prediction_log_spool_bytes', 'Bytes of predictions that wait for Kafka', [], function () {
      this.set(files.size());
    });
  }

  start(): void {
    this.spool.onStable(() => this.waker.resolve());
    this.running = Promise.all([this.ship(), this.keepLimit()]);
  }

  /** Lets what is on its way arrive for a while; the rest stays on disk for the next start. */
  async stop(timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (this.shipped < this.spool.stableThrough && Date.now() < deadline) await pause(20);
    this.stopping.abort();
    this.waker.resolve();
    await this.running;
  }

  private async ship(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        if (!(await this.shipSome())) await this.waitForMore();
      } catch (error) {
        if (this.stopping.signal.aborted) return;
        log.warn('predictions wait for Kafka', { error });
        await pause(RETRY_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      }
    }
  }

  /** False when nothing stable is left. */
  private async shipSome(): Promise<boolean> {
    const through = this.spool.stableThrough;
    const segments = this.spool.files.segments();
    const segment = segments.findLast(({ first }) => first <= this.shipped + 1) ?? segments[0];
    if (!segment || this.shipped >= through) return false;
    const from = this.position.segment === segment.first ? this.position.byte : 0;
    const ready = this.nextOf(segment, from, through);
    const last = ready.at(-1);
    if (!last) {
      this.passOver(segment);
      return this.shipped < through;
    }
    await this.producer.send(
      ready.map(({ record }) => toEvent(record)),
      this.stopping.signal,
    );
    this.advance(last.record.data.sequence, { segment: segment.first, byte: last.end });
    return true;
  }

  private nextOf(segment: Segment, from: number, through: number): DecodedRecord[] {
    const ready: DecodedRecord[] = [];
    for (const one of this.spool.files.read(segment, from)) {
      const { sequence } = one.record.data;
      if (sequence > through || ready.length === MAX_EVENTS) break;
      if (sequence > this.shipped) ready.push(one);
    }
    return ready;
  }

  private advance(sequence: number, position: { segment: number; byte: number }): void {
    this.shipped = sequence;
    this.position = position;
    this.spool.files.writeShipped(sequence);
    this.removeShipped();
  }

  /** A segment with nothing more in it, after which another one begins. */
  private passOver(segment: Segment): void {
    const following = this.spool.files.segments().find(({ first }) => first > segment.first);
    if (following) this.advance(following.first - 1, { segment: following.first, byte: 0 });
  }

  private removeShipped(): void {
    const segments = this.spool.files.segments();
    for (const [index, segment] of segments.entries()) {
      const following = segments[index + 1];
      if (following && following.first <= this.shipped + 1) this.spool.files.remove(segment);
    }
  }

  private async waitForMore(): Promise<void> {
    await this.waker.promise;
    this.waker = Promise.withResolvers<void>();
  }

  private async keepLimit(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const [oldest, following] = this.spool.files.segments();
      if (oldest && following && this.spool.files.size() > this.options.maxBytes) this.drop(oldest, following);
      else await pause(LIMIT_CHECK_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
    }
  }

  private drop(oldest: Segment, following: Segment): void {
    const lost = following.first - 1 - Math.max(this.shipped, oldest.first - 1);
    if (lost > 0) {
      this.dropped.inc(lost);
      log.error('the spool is full: the oldest predictions were dropped', { lost, maxBytes: this.options.maxBytes });
    }
    this.shipped = Math.max(this.shipped, following.first - 1);
    this.spool.files.writeShipped(this.shipped);
    this.spool.files.remove(oldest);
  }
}

function toEvent({ id, time, traceparent, data }: SpoolRecord): OutgoingEvent<'prediction.logged'> {
  return {
    type: 'prediction.logged',
    id,
    time,
    data,
    correlationid: data.prediction,
    ...(traceparent ? { traceparent } : {}),
  };
}
