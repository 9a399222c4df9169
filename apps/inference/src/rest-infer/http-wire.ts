import type { InferHead } from './infer-head.js';

/** Called once: with the body (nothing where there is none), or without it when it is larger than the limit. */
export type Received = (body: Buffer | undefined, isTooLarge: boolean) => void;

/** One request over HTTP, whoever reads and writes it. */
export interface HttpWire {
  /** The same for all requests of a connection: what is remembered of it. */
  readonly connection: object;
  readonly head: InferHead;
  /** Takes the body; without it nobody wants it. It may call back at once. */
  collect(limit: number, received: Received): void;
  /** @param headers names and values, one after the other, without those that every answer has */
  answer(status: number, headers: readonly string[], body: string | Buffer): void;
}
