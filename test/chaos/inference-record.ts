import { tailEvents } from '@baton/messaging';
import { waitFor, type TestKafka } from '@baton/testing';

/** The predictions on `prediction.logged`, by sequence; of each only its id, so that there may be many. */
export class Record {
  private readonly predictions = new Map<number, string>();
  private readonly ending = new AbortController();
  private readonly tail: Promise<void>;
  /** Sequences that stand for two predictions. */
  readonly doubles: number[] = [];

  /** Reads from the beginning on. */
  constructor(kafka: TestKafka) {
    this.tail = tailEvents(
      { ...kafka, types: ['prediction.logged'], fromBeginning: true, signal: this.ending.signal },
      ({ data }) => {
        if (data === null || !('sequence' in data)) return;
        const { sequence, prediction } = data as { sequence: number; prediction: string };
        if ((this.predictions.get(sequence) ?? prediction) !== prediction) this.doubles.push(sequence);
        this.predictions.set(sequence, prediction);
      },
    );
  }

  get size(): number {
    return this.predictions.size;
  }

  /** Of so many sequences from 1 on those that no prediction has. */
  gaps(through: number): number[] {
    return Array.from({ length: through }, (_, index) => index + 1).filter((one) => !this.predictions.has(one));
  }

  /** Those of the predictions that are not there. */
  without(predictions: readonly string[]): string[] {
    const there = new Set(this.predictions.values());
    return predictions.filter((one) => !there.has(one));
  }

  /** Waits until so many are there. */
  async holds(count: number, timeoutMs = 30_000): Promise<void> {
    const what = () => `${count} predictions on record, but ${this.size}`;
    await waitFor(() => (this.size >= count ? true : undefined), { timeoutMs, what });
  }

  async close(): Promise<void> {
    this.ending.abort();
    await this.tail;
  }
}
