import { isId, newId } from '@baton/contracts';
import { Injectable } from '@nestjs/common';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InferenceConfig } from './config.js';

/** The replica's own disk. */
@Injectable()
export class DataDir {
  /** UUIDv7 of this replica; made once, and the same over restarts. */
  readonly replica: string;
  /** Hashes logged values; never leaves this disk. */
  readonly hashKey: Buffer;
  private readonly folder: string;

  constructor(config: InferenceConfig) {
    this.folder = config.dataDir;
    for (const name of ['artifacts', 'plans', 'spool', 'integrity']) mkdirSync(this.path(name), { recursive: true });
    this.replica = this.kept('replica', newId);
    if (!isId(this.replica)) throw new Error(`${this.path('replica')} holds no replica id: remove the file`);
    this.hashKey = Buffer.from(
      this.kept('hash.key', () => randomBytes(32).toString('hex')),
      'hex',
    );
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  private kept(name: string, make: () => string): string {
    const file = this.path(name);
    if (!existsSync(file)) writeDurably(file, make());
    return readFileSync(file, 'utf8').trim();
  }
}

/** Writes a file so that it is whole or as it was, whatever happens in between. */
export function writeDurably(file: string, content: string): void {
  const part = `${file}.part`;
  const handle = openSync(part, 'w', 0o600);
  try {
    writeSync(handle, content);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(part, file);
  const folder = openSync(dirname(file), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
