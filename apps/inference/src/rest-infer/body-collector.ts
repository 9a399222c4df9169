import type { Received } from './http-wire.js';

/** From here on room for the whole body is made at once; below it a body mostly comes in one piece. */
const PREALLOCATE_BYTES = 65_536;

/** What comes in as the body of a request, up to a limit. */
export class BodyCollector {
  private first: Buffer | undefined;
  private parts: Buffer[] | undefined;
  private whole: Buffer | undefined;
  private length = 0;
  private isOver = false;

  /**
   * @param expected bytes that the head promises, if it does
   * @param done called once: with the body (nothing where there is none), or without when it is larger than the limit,
   * said or not. A body that ends early is nobody's: the connection is gone.
   */
  constructor(
    private readonly limit: number,
    expected: number | undefined,
    private readonly done: Received,
  ) {
    if (expected !== undefined && expected > limit) this.end(undefined, true);
    else if (expected !== undefined && expected >= PREALLOCATE_BYTES) this.whole = Buffer.allocUnsafe(expected);
  }

  take(chunk: Buffer | null): void {
    if (this.isOver) return;
    if (chunk === null) return this.end(this.body(), false);
    const start = this.length;
    this.length += chunk.length;
    if (this.length > this.limit) this.end(undefined, true);
    else if (this.whole) chunk.copy(this.whole, start);
    else if (!this.first) this.first = chunk;
    else (this.parts ??= [this.first]).push(chunk);
  }

  private end(body: Buffer | undefined, isTooLarge: boolean): void {
    this.isOver = true;
    this.done(body, isTooLarge);
  }

  private body(): Buffer | undefined {
    if (this.whole) return this.whole.subarray(0, this.length);
    return this.parts ? Buffer.concat(this.parts) : this.first;
  }
}
