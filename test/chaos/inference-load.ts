import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

/** What became of a request. */
export interface Outcome {
  /** 0 where there was no answer; `why` then says what there was instead. */
  readonly status: number;
  readonly ms: number;
  /** When it was asked, by the clock of `performance.now()`. */
  readonly askedAt: number;
  readonly prediction?: string | undefined;
  readonly retryAfter?: string | undefined;
  readonly body?: string;
  readonly why?: string;
}

export interface Question {
  readonly url: string;
  readonly endpoint: string;
  readonly json: object;
  readonly headers: Record<string, string>;
}

/** A caller that keeps its connections and repeats nothing. */
export class KeepAliveCaller {
  private readonly agent = new Agent({ keepAlive: true });

  ask({ url, endpoint, json, headers }: Question): Promise<Outcome> {
    const askedAt = performance.now();
    const path = `/v2/models/${endpoint}/infer`;
    const body = JSON.stringify(json);
    const fields = { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    return new Promise((done) => {
      const ended = (outcome: Pick<Outcome, 'status' | 'why' | 'body' | 'prediction' | 'retryAfter'>) =>
        done({ ...outcome, askedAt, ms: performance.now() - askedAt });
      const failed = (error: NodeJS.ErrnoException) => ended({ status: 0, why: error.code ?? error.message });
      const asking = request(url + path, { method: 'POST', agent: this.agent, headers: fields }, (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('error', failed);
        response.on('end', () => {
          const { statusCode: status = 0, headers: said } = response;
          const prediction = said['baton-prediction-id'] as string | undefined;
          ended({ status, prediction, retryAfter: said['retry-after'], body: Buffer.concat(pieces).toString() });
        });
      });
      asking.on('error', failed);
      asking.end(body);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}

/** Clients that each ask again when they have their answer. */
export class Load {
  readonly outcomes: Outcome[] = [];
  private isOn = true;
  private readonly clients: Promise<void>[];

  constructor(ask: () => Promise<Outcome>, { clients = 6, pauseMs = 5 } = {}) {
    this.clients = Array.from({ length: clients }, () => this.keepAsking(ask, pauseMs));
  }

  /** @returns what came in the given time from now on */
  async during(milliseconds: number): Promise<Outcome[]> {
    const from = performance.now();
    await pause(milliseconds);
    return this.since(from);
  }

  since(moment: number): Outcome[] {
    return this.outcomes.filter(({ askedAt }) => askedAt >= moment);
  }

  /** After the last answer. */
  async stop(): Promise<Outcome[]> {
    this.isOn = false;
    await Promise.all(this.clients);
    return this.outcomes;
  }

  private async keepAsking(ask: () => Promise<Outcome>, pauseMs: number): Promise<void> {
    while (this.isOn) {
      this.outcomes.push(await ask());
      await pause(pauseMs);
    }
  }
}

/** What was answered how often: `{ 200: 312, 'ECONNRESET': 1 }`. */
export function tally(outcomes: readonly Outcome[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, why } of outcomes) {
    const key = why ?? String(status);
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

export function p99(outcomes: readonly Outcome[]): number {
  const sorted = outcomes.map(({ ms }) => ms).toSorted((one, other) => one - other);
  return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? NaN;
}

/** Two p99 beside each other, for whoever reads the log. @returns how many times the first the second is */
export function compared(what: string, before: readonly Outcome[], during: readonly Outcome[]): number {
  const ratio = p99(during) / p99(before);
  const [one, other] = [p99(before), p99(during)].map((ms) => ms.toFixed(2));
  console.info(`p99 ${what}: ${one} ms -> ${other} ms, ${ratio.toFixed(2)}× (${before.length}, ${during.length})`);
  return ratio;
}
