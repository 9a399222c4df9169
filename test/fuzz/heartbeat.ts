import { setTimeout as pause } from 'node:timers/promises';
import { KeptConnection } from './wires/kept-connection.js';

const EVERY_MS = 20;
const REQUEST = Buffer.from('GET /v2/health/live HTTP/1.1\r\nhost: a\r\n\r\n');

/** Asks whether the replica lives, all the time, on a connection of its own. */
export class Heartbeat {
  private readonly connection: KeptConnection;
  private slowestMs = 0;
  private failure: string | undefined;
  private isOver = false;
  private readonly beating: Promise<void>;

  constructor(port: number) {
    this.connection = new KeptConnection(port);
    this.beating = this.beat();
  }

  /** What an answer that did not come was told by; undefined while all came. */
  get lost(): string | undefined {
    return this.failure;
  }

  /** The slowest answer since it was last asked. */
  slowest(): number {
    const slowest = this.slowestMs;
    this.slowestMs = 0;
    return slowest;
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await this.beating;
    this.connection.close();
  }

  private async beat(): Promise<void> {
    while (!this.isOver) {
      const since = performance.now();
      try {
        const { status } = await this.connection.ask(REQUEST);
        if (status !== 200) throw new Error(`status ${status}`);
      } catch (error) {
        this.failure ??= error instanceof Error ? error.message : String(error);
      }
      const took = performance.now() - since;
      this.slowestMs = Math.max(this.slowestMs, took);
      await pause(Math.max(1, EVERY_MS - took));
    }
  }
}
