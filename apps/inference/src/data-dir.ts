import { isId, newId } from '@baton/contracts';
import { Injectable } from '@nestjs/common';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceConfig } from './config.js';
import { writeDurably } from './durable-files.js';

const OWNER_ONLY = 0o700;
const MIN_KEY_LENGTH = 32;

/** The replica's own disk. */
@Injectable()
export class DataDir {
  /** UUIDv7 of this replica; made once, and the same over restarts. */
  readonly replica: string;
  /** Hashes logged values; goes nowhere. */
  readonly hashKey: Buffer;
  private readonly folder: string;

  constructor(config: InferenceConfig) {
    this.folder = config.dataDir;
    mkdirSync(this.folder, { recursive: true, mode: OWNER_ONLY });
    for (const name of ['artifacts', 'plans', 'spool', 'integrity']) mkdirSync(this.path(name), { recursive: true });
    this.replica = this.kept('replica', newId);
    if (!isId(this.replica)) throw new Error(`${this.path('replica')} holds no replica id: remove the file`);
    this.hashKey = Buffer.from(this.readHashKey(config.hashKeyFile));
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  private readHashKey(file: string | undefined): string {
    if (file === undefined) return this.kept('hash.key', () => randomBytes(32).toString('hex'));
    const key = readFileSync(file, 'utf8').trim();
    if (key.length < MIN_KEY_LENGTH)
      throw new Error(`${file} must hold a key of at least ${MIN_KEY_LENGTH} characters`);
    return key;
  }

  private kept(name: string, make: () => string): string {
    const file = this.path(name);
    if (!existsSync(file)) writeDurably(file, make());
    return readFileSync(file, 'utf8').trim();
  }
}
