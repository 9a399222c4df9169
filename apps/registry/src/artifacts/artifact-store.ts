import { HashingStream, type HashedBytes } from '@baton/signing';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, type ReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { RegistryConfig } from '../config.js';

/** A file that was received and is not kept yet. */
export interface ReceivedFile extends HashedBytes {
  readonly path: string;
}

/** Thrown when more came than is allowed. */
export class TooManyBytesError extends Error {
  override readonly name = 'TooManyBytesError';

  constructor(readonly limit: number) {
    super(`more than ${limit} bytes`);
  }
}

/** Files by their SHA-256: `<first two digits>/<digest>`. A file is there whole or not at all. */
@Injectable()
export class ArtifactStore implements OnModuleInit {
  private readonly folder: string;
  private readonly incoming: string;

  constructor(config: RegistryConfig) {
    this.folder = config.artifactDir;
    this.incoming = join(config.artifactDir, 'incoming');
  }

  /** What an earlier process was receiving when it ended is of no use. */
  async onModuleInit(): Promise<void> {
    await rm(this.incoming, { recursive: true, force: true });
    await mkdir(this.incoming, { recursive: true });
  }

  /**
   * Writes a stream to disk while hashing it; nothing of it is left when it fails.
   * @throws TooManyBytesError
   */
  async receive(source: Readable, maxBytes: number): Promise<ReceivedFile> {
    const path = join(this.incoming, randomUUID());
    const hashing = new HashingStream();
    try {
      await pipeline(source, limitTo(maxBytes), hashing, createWriteStream(path, { flags: 'wx', flush: true }));
      return { path, digest: hashing.digest, size: hashing.size };
    } catch (error) {
      await this.discard(path);
      throw error;
    }
  }

  /** Moves a received file to its place. Having it already is fine: the name says what is in it. */
  async keep({ path, digest }: ReceivedFile): Promise<void> {
    const place = this.pathOf(digest);
    await mkdir(dirname(place), { recursive: true });
    await rename(path, place);
    await syncFolder(dirname(place));
  }

  async discard(path: string): Promise<void> {
    await rm(path, { force: true });
  }

  pathOf(digest: string): string {
    return join(this.folder, digest.slice(0, 2), digest);
  }

  /** Size in bytes; undefined when there is no such file. */
  async sizeOf(digest: string): Promise<number | undefined> {
    return stat(this.pathOf(digest)).then(
      ({ size }) => size,
      () => undefined,
    );
  }

  read(digest: string): ReadStream {
    return createReadStream(this.pathOf(digest), { highWaterMark: 256 * 1024 });
  }

  /** Digests of all files that are kept. */
  async digests(): Promise<string[]> {
    const folders = (await readdir(this.folder)).filter((name) => /^[0-9a-f]{2}$/.test(name));
    const lists = await Promise.all(folders.map((name) => readdir(join(this.folder, name))));
    return lists.flat();
  }
}

function limitTo(maxBytes: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > maxBytes) done(new TooManyBytesError(maxBytes));
      else done(null, chunk);
    },
  });
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
