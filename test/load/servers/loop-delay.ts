import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Server } from './server.js';

const program = fileURLToPath(new URL('./loop-delay-main.js', import.meta.url));
const TRIES = 100;

/** How late a replica's event loop is, by a meter that is loaded into its process. */
export class LoopDelay {
  private readonly file: string;

  constructor(folder: string) {
    this.file = join(folder, 'loop-delay');
  }

  /** Variables for the replica. */
  get environment(): Record<string, string> {
    return { NODE_OPTIONS: `--import=${program}`, BENCH_LOOP_DELAY_FILE: this.file };
  }

  /** p99 in milliseconds since it was last asked. */
  async p99(server: Server): Promise<number> {
    rmSync(this.file, { force: true });
    for (const pid of server.pids) process.kill(pid, 'SIGUSR2');
    for (let tries = 0; tries < TRIES; tries += 1) {
      await pause(20);
      const text = this.read();
      if (text !== undefined) return Number(text);
    }
    throw new Error('the replica does not tell its loop delay');
  }

  private read(): string | undefined {
    try {
      return readFileSync(this.file, 'utf8');
    } catch {
      return undefined;
    }
  }
}
