import type { EventProducer } from '@baton/messaging';
import { ServiceError } from '@baton/service';
import { createLogger } from '@baton/telemetry';
import { setTimeout as pause } from 'node:timers/promises';
import { writeWhole } from '../durable-files.js';
import { decodePrediction, type PredictionEvent } from './prediction-decoder.js';
import { SegmentReader, type StoredRecord } from './segment-reader.js';
import type { FromShipper, ShipTask } from './ship-messages.js';
import { shippedFile } from './spool-recovery.js';

const log = createLogger('prediction-log');
const MAX_EVENTS = 500;
const RETRY_MS = 1000;

/** Carries the spool to Kafka, in order. A record may come twice, with the same event id and sequence; none is left out. */
export class Shipper {
  private readonly stopping = new AbortController();
  private readonly reader = new SegmentReader();
  private readonly shippedFile: string;
  private running: Promise<void> = Promise.resolve();
  /** The first sequence that has not arrived. */
  private from = 1;
  private isNoted = true;

  constructor(
    private readonly producer: Pick<EventProducer, 'send'>,
    folder: string,
    private readonly tell: (message: FromShipper) => void,
  ) {
    this.shippedFile = shippedFile(folder);
  }

  /** Begins with the task when the one before has ended. */
  ship(task: ShipTask): void {
    this.running = this.running.then(() => this.run(task));
  }

  /** Gives up what is under way: it stays on disk for the next start. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(task: ShipTask): Promise<void> {
    const { signal } = this.stopping;
    this.from = task.from;
    while (!signal.aborted) {
      try {
        const { records, missing } = this.reader.next(task, this.from);
        for (const some of missing) this.tell({ kind: 'missing', missing: some });
        if (records.length === 0) return this.end(task);
        await this.sendAll(records);
      } catch (error) {
        if (signal.aborted) return;
        log.error('predictions could not be shipped', { error });
        await pause(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  private end(task: ShipTask): void {
    const { from } = this;
    // Of a whole segment, what is missing at its end is seen at the start of the next.
    if (!task.isWhole && from <= task.through) {
      this.tell({ kind: 'missing', missing: { first: from, last: task.through, known: 0 } });
      this.arrived(task.through);
    }
    this.tell({ kind: 'end', task });
  }

  private async sendAll(records: readonly StoredRecord[]): Promise<void> {
    for (let start = 0; start < records.length; start += MAX_EVENTS) {
      const some = records.slice(start, start + MAX_EVENTS);
      await this.send(some.flatMap((record) => this.decode(record) ?? []));
      this.arrived(some.at(-1)?.sequence ?? 0);
    }
  }

  private decode(record: StoredRecord): PredictionEvent | undefined {
    try {
      const event = decodePrediction(record, (number) => this.reader.contextOf(number));
      // One without a body was counted when it was written.
      if (!event && record.body.length > 0) this.tell({ kind: 'dropped', reason: 'damaged', count: 1 });
      return event;
    } catch (error) {
      this.tell({ kind: 'dropped', reason: 'damaged', count: 1 });
      log.error('a prediction cannot be read and is left out', { sequence: record.sequence, error });
      return undefined;
    }
  }

  /** One that Kafka would never take goes without its values, and must not hold up the others. */
  private async send(events: readonly PredictionEvent[]): Promise<void> {
    if (events.length === 0) return;
    try {
      await this.producer.send(events, this.stopping.signal);
    } catch (error) {
      if (!(error instanceof ServiceError) || error.code !== 'event-too-large') throw error;
      const [first, ...others] = events;
      if (first && others.length === 0) return this.sendWithoutValues(first);
      for (const event of events) await this.send([event]);
    }
  }

  private async sendWithoutValues(event: PredictionEvent): Promise<void> {
    const { data } = event;
    const bare = ({ name, datatype, shape }: (typeof data.inputs)[number]) => ({ name, datatype, shape });
    log.warn('a prediction is too large for Kafka with its values', { prediction: data.prediction });
    const small = { ...event, data: { ...data, inputs: data.inputs.map(bare), outputs: data.outputs.map(bare) } };
    await this.producer.send([small], this.stopping.signal);
  }

  /** What cannot be noted is shipped twice after a restart, which does no harm. */
  private arrived(through: number): void {
    this.from = through + 1;
    try {
      writeWhole(this.shippedFile, String(through));
      this.isNoted = true;
    } catch (error) {
      if (this.isNoted) log.warn('it cannot be noted what has arrived', { through, error });
      this.isNoted = false;
    }
    this.tell({ kind: 'shipped', through });
  }
}
