import { newId, type PredictionLogged } from '@baton/contracts';
import type { Served } from './platform-voice.js';

/** A day's wind, rain and the kind of weather it was called. */
export type Day = readonly [wind: number, rain: number, kind: string];

/** Mulberry32: a seeded stream of numbers in [0, 1). */
export function draws(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Days of one season: winds from 0 to 10, rain from 0 to 20. */
export function winter(count: number, seed: number): Day[] {
  const next = draws(seed);
  return Array.from({ length: count }, () => {
    const rain = next() * 20;
    return [next() * 10, rain, rain > 8 ? 'rain' : 'sun'] as const;
  });
}

/** The same winds, but hardly any rain. */
export function summer(count: number, seed: number): Day[] {
  return winter(count, seed).map(([wind, rain]) => [wind, rain / 10, 'sun'] as const);
}

/** Reference rows as a trainer writes them. */
export function referenceCsv(days: readonly Day[]): string {
  return ['wind,rain,label,prediction', ...days.map(([wind, rain, kind]) => [wind, rain, kind, kind].join())].join(
    '\n',
  );
}

/** Predictions of one replica, one for each day from a date on, with its gap-free sequence. */
export class Replica {
  private sequence = 0;

  constructor(readonly id: string = newId()) {}

  /** Counts records that never reach the log. */
  lose(count: number): void {
    this.sequence += count;
  }

  days(served: Served, from: string, days: readonly Day[]): PredictionLogged[] {
    return days.map((day, index) => {
      const eventTime = new Date(Date.parse(from) + index * 86_400_000).toISOString();
      return this.predict(served, day, { eventTime });
    });
  }

  predict(served: Served, [wind, rain, kind]: Day, change: Partial<PredictionLogged> = {}): PredictionLogged {
    this.sequence += 1;
    const receivedAt = new Date().toISOString();
    return {
      ...served,
      prediction: newId(),
      replica: this.id,
      sequence: this.sequence,
      caller: 'tester',
      receivedAt,
      eventTime: receivedAt,
      latencyMs: 1 + (this.sequence % 10),
      outcome: 'ok',
      rows: 1,
      inputs: [{ name: 'x', datatype: 'FP64', shape: [1, 2], data: [wind, rain] }],
      outputs: [{ name: 'kind', datatype: 'BYTES', shape: [1], data: [kind] }],
      ...change,
    };
  }
}
