import { createLogger } from '@baton/telemetry';
import { Injectable } from '@nestjs/common';
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { DataDir } from '../data-dir.js';
import { writeDurably, writeWhole } from '../durable-files.js';

const log = createLogger('models');

/**
 * Models that must not run on the serving loop, whatever their graphs promise. While one is loaded and tried there, a
 * file says so: if the replica dies of it, the next start finds the file and keeps that model in a process of its own.
 */
@Injectable()
export class Suspects {
  private readonly digests: Set<string>;

  constructor(private readonly dataDir: DataDir) {
    mkdirSync(dataDir.path('suspects'), { recursive: true });
    for (const file of this.files('.trying')) {
      const digest = file.replace('.trying', '');
      log.error('the replica ended while it tried this model, which has a process of its own from now on', { digest });
      renameSync(this.path(file), this.path(digest));
    }
    this.digests = new Set(this.files(''));
  }

  has(digest: string): boolean {
    return this.digests.has(digest);
  }

  /** From now on, over restarts too. */
  add(digest: string): void {
    if (this.digests.has(digest)) return;
    this.digests.add(digest);
    attempt(digest, () => writeDurably(this.path(digest), ''));
  }

  /** Does something with the model on the loop that it may be the end of. */
  async trying<T>(digest: string, work: () => Promise<T>): Promise<T> {
    const file = this.path(`${digest}.trying`);
    // The end of the process is what it is for, not that of the machine: nothing has to be synced.
    attempt(digest, () => writeWhole(file, ''));
    try {
      return await work();
    } finally {
      attempt(digest, () => rmSync(file, { force: true }));
    }
  }

  private files(ending: string): string[] {
    const pattern = new RegExp(`^[0-9a-f]{64}${ending.replace('.', '\\.')}$`);
    return readdirSync(this.dataDir.path('suspects')).filter((name) => pattern.test(name));
  }

  private path(name: string): string {
    return this.dataDir.path('suspects', name);
  }
}

/** A disk that takes nothing must not end the replica, nor keep a good version out. */
function attempt(digest: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    log.error('it cannot be noted that a model is suspect: a restart would not know of it', { digest, error });
  }
}
