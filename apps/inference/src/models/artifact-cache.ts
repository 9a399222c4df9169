import { newId, type FileRecord } from '@baton/contracts';
import { hashFile, HashingStream } from '@baton/signing';
import { createLogger, tracedFetch } from '@baton/telemetry';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { InferenceConfig } from '../config.js';
import { DataDir } from '../data-dir.js';
import { syncFolder } from '../durable-files.js';
import { TrustRoots } from '../trust-roots.js';
import { IntegrityError } from './integrity-error.js';
import { IntegrityReports } from './integrity-reports.js';

const log = createLogger('artifacts');
const DOWNLOAD_TIMEOUT_MS = 600_000;
/** The registry's own words for bytes that it will not give out. */
const CORRUPT_CODES = ['artifact-corrupt', 'artifact-missing'];

/** Thrown when a download ended before its end. */
export class DownloadCutError extends Error {
  override readonly name = 'DownloadCutError';
}

/** Model files on this disk, under their SHA-256. */
@Injectable()
export class ArtifactCache implements OnModuleInit, OnModuleDestroy {
  private readonly stopping = new AbortController();

  constructor(
    private readonly config: InferenceConfig,
    private readonly dataDir: DataDir,
    private readonly trust: TrustRoots,
    private readonly reports: IntegrityReports,
  ) {}

  /** What a process that was killed was downloading is of no use. */
  async onModuleInit(): Promise<void> {
    const parts = (await readdir(this.dataDir.path('artifacts'))).filter((name) => name.includes('.part-'));
    await Promise.all(parts.map((name) => rm(this.dataDir.path('artifacts', name), { force: true })));
  }

  onModuleDestroy(): void {
    this.stopping.abort();
  }

  /**
   * The bytes of a file, from the disk or the registry; always those of its digest.
   * @throws IntegrityError when the registry has other bytes
   * @throws Error when they cannot be had now
   */
  async bytesOf(file: FileRecord): Promise<Uint8Array> {
    const stored = await this.stored(file.digest);
    if (stored && this.isRight(file.digest, digestOf(stored))) return stored;
    await this.download(file);
    const bytes = await readFile(this.pathOf(file.digest));
    const actual = digestOf(bytes);
    if (actual === file.digest) return bytes;
    throw new IntegrityError('artifact', 'the stored file has other bytes', file.digest, actual);
  }

  /** Looks at the stored bytes of a file, and fetches them anew where they are not what they were. */
  async check(file: FileRecord): Promise<void> {
    const hashed = await hashFile(this.pathOf(file.digest)).catch(ignoreMissing);
    if (hashed && this.isRight(file.digest, hashed.digest)) return;
    await this.download(file);
  }

  /** Removes what none of the digests names. */
  async keepOnly(digests: ReadonlySet<string>): Promise<void> {
    for (const name of await readdir(this.dataDir.path('artifacts'))) {
      if (/^[0-9a-f]{64}$/.test(name) && !digests.has(name)) await rm(this.pathOf(name), { force: true });
    }
  }

  /** Tells of stored bytes that have changed. */
  private isRight(expected: string, actual: string): boolean {
    if (actual === expected) return true;
    const reason = 'the bytes on the disk of the replica have changed; they are fetched again';
    this.reports.report({ subject: `artifact:${expected}`, kind: 'artifact', reason, expected, actual });
    return false;
  }

  private stored(digest: string): Promise<Uint8Array | undefined> {
    return readFile(this.pathOf(digest)).catch(ignoreMissing);
  }

  private async download(file: FileRecord): Promise<void> {
    const { digest } = file;
    const url = new URL(`/v1/artifacts/${digest}`, this.config.registryUrl);
    const headers = { authorization: `Bearer ${this.trust.serviceKey()}` };
    const signal = AbortSignal.any([this.stopping.signal, AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS)]);
    const response = await tracedFetch(url, { headers, signal });
    if (!response.ok || !response.body) throw await refusal(response, digest);
    const part = `${this.pathOf(digest)}.part-${newId()}`;
    try {
      await receive(Readable.fromWeb(response.body as never), file, part, signal);
      await rename(part, this.pathOf(digest));
      syncFolder(this.dataDir.path('artifacts'));
      log.info('downloaded', { digest, bytes: file.size });
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
  }

  private pathOf(digest: string): string {
    return this.dataDir.path('artifacts', digest);
  }
}

/** Hashes while it writes. @throws IntegrityError when it is not the file, or more than the file; DownloadCutError */
async function receive(body: Readable, { digest, size }: FileRecord, path: string, signal: AbortSignal): Promise<void> {
  const hashing = new HashingStream();
  let failure: unknown;
  body.once('error', (error) => (failure = error));
  try {
    await pipeline(body, atMost(size, digest), hashing, createWriteStream(path, { flags: 'wx', flush: true }));
  } catch (error) {
    // The body fails too when something behind it does: then with that one's error.
    const isCut = failure !== undefined && !signal.aborted && !(error instanceof IntegrityError) && !isOfDisk(error);
    if (!isCut) throw error;
    throw new DownloadCutError(`the registry ended after ${hashing.size} of ${size} bytes`, { cause: error });
  }
  if (hashing.digest === digest && hashing.size === size) return;
  throw new IntegrityError('artifact', 'the registry gave bytes of another digest', digest, hashing.digest);
}

function atMost(size: number, digest: string): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      const problem = new IntegrityError('artifact', `the registry gave more than the ${size} bytes released`, digest);
      if (bytes > size) done(problem);
      else done(null, chunk);
    },
  });
}

function isOfDisk(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && ['open', 'write', 'fsync'].includes(String(error.syscall));
}

async function refusal(response: Response, digest: string): Promise<Error> {
  const text = await response.text();
  const code = CORRUPT_CODES.find((one) => text.includes(`"${one}"`));
  if (code) return new IntegrityError('artifact', `the registry refuses to give it out: ${code}`, digest);
  return new Error(`the registry answered ${response.status} for ${digest}: ${text.slice(0, 200)}`);
}

function ignoreMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
