import type { FileRecord } from '@baton/contracts';
import { HashingStream } from '@baton/signing';
import { createLogger, tracedFetch } from '@baton/telemetry';
import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { InferenceConfig } from '../config.js';
import { DataDir } from '../data-dir.js';
import { TrustRoots } from '../trust-roots.js';
import { IntegrityError } from './integrity-error.js';

const log = createLogger('artifacts');
const DOWNLOAD_TIMEOUT_MS = 600_000;
/** The registry's own words for bytes that it will not give out. */
const CORRUPT_CODES = ['artifact-corrupt', 'artifact-missing'];

/** Model files on this disk, under their SHA-256. */
@Injectable()
export class ArtifactCache {
  constructor(
    private readonly config: InferenceConfig,
    private readonly dataDir: DataDir,
    private readonly trust: TrustRoots,
  ) {}

  /**
   * The bytes of a file, from the disk or the registry; always those of its digest.
   * @throws IntegrityError when the registry has other bytes
   * @throws Error when it cannot be had now
   */
  async bytesOf(file: FileRecord): Promise<Uint8Array> {
    const path = this.pathOf(file.digest);
    const stored = await readFile(path).catch(() => undefined);
    if (stored && digestOf(stored) === file.digest) return stored;
    if (stored) log.error('a stored artifact has other bytes and is fetched again', { digest: file.digest });
    await this.download(file);
    const bytes = await readFile(path);
    const actual = digestOf(bytes);
    if (actual !== file.digest)
      throw new IntegrityError('artifact', 'the stored file has other bytes', file.digest, actual);
    return bytes;
  }

  /** Whether the stored file still has its bytes; a file that has not is removed. */
  async isIntact({ digest }: FileRecord): Promise<boolean> {
    const stored = await readFile(this.pathOf(digest)).catch(() => undefined);
    if (!stored) return true;
    if (digestOf(stored) === digest) return true;
    await rm(this.pathOf(digest), { force: true });
    return false;
  }

  /** Removes what none of the digests names. */
  async keepOnly(digests: ReadonlySet<string>): Promise<void> {
    for (const name of await readdir(this.dataDir.path('artifacts'))) {
      if (!digests.has(name) && !name.includes('.part')) await rm(this.pathOf(name), { force: true });
    }
  }

  private async download({ digest, size }: FileRecord): Promise<void> {
    const url = new URL(`/v1/artifacts/${digest}`, this.config.registryUrl);
    const headers = { authorization: `Bearer ${this.trust.serviceKey}` };
    const response = await tracedFetch(url, { headers, signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS) });
    if (!response.ok || !response.body) throw await refusal(response, digest);
    const part = `${this.pathOf(digest)}.part-${process.pid}`;
    const hashing = new HashingStream();
    try {
      const body = Readable.fromWeb(response.body as never);
      await pipeline(body, hashing, createWriteStream(part, { flush: true }));
      if (hashing.digest !== digest || hashing.size !== size) {
        throw new IntegrityError('artifact', 'the registry gave other bytes', digest, hashing.digest);
      }
      await rename(part, this.pathOf(digest));
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
  }

  private pathOf(digest: string): string {
    return this.dataDir.path('artifacts', digest);
  }
}

async function refusal(response: Response, digest: string): Promise<Error> {
  const text = await response.text();
  const code = CORRUPT_CODES.find((one) => text.includes(`"${one}"`));
  if (code) return new IntegrityError('artifact', `the registry refuses to give it out: ${code}`, digest);
  return new Error(`the registry answered ${response.status} for ${digest}: ${text.slice(0, 200)}`);
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
