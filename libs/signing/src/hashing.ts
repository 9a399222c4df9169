import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Transform, type TransformCallback } from 'node:stream';

export interface HashedBytes {
  /** Hex SHA-256. */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
}

/** Hashes what passes through it with SHA-256. `digest` is there once the stream has finished. */
export class HashingStream extends Transform implements HashedBytes {
  private readonly hash = createHash('sha256');
  private bytes = 0;
  private finished: string | undefined;

  /** Bytes that passed so far. */
  get size(): number {
    return this.bytes;
  }

  /** Hex SHA-256. @throws Error while there is more to come */
  get digest(): string {
    if (this.finished === undefined) throw new Error('the digest is asked for before the end of the stream');
    return this.finished;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.hash.update(chunk);
    this.bytes += chunk.length;
    done(null, chunk);
  }

  override _flush(done: TransformCallback): void {
    this.finished = this.hash.digest('hex');
    done();
  }
}

/** SHA-256 and size of a file, read in pieces. @throws the file system's error */
export async function hashFile(path: string): Promise<HashedBytes> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { digest: hash.digest('hex'), size };
}
