import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { tracedFetch } from '@baton/telemetry';
import { Injectable } from '@nestjs/common';
import { parse } from 'csv-parse/sync';
import { MonitoringConfig } from '../config.js';
import { RegistryAwayError, UnusableReferenceError } from './references.errors.js';

const MAX_BYTES = 64 * 1024 * 1024;
const TIMEOUT_MS = 15_000;

/** Header and rows of a reference file, with its bytes checked against the digest. */
@Injectable()
export class ReferenceDownload {
  constructor(private readonly config: MonitoringConfig) {}

  /**
   * @throws RegistryAwayError
   * @throws UnusableReferenceError when it is gone, too large, not what its digest says, or no table
   */
  async table(digest: string): Promise<{ header: string[]; rows: string[][] }> {
    const bytes = await this.bytes(digest);
    const actual = createHash('sha256').update(bytes).digest('hex');
    if (actual !== digest) throw new UnusableReferenceError(digest, 'the bytes have another SHA-256', actual);
    const [header, ...rows] = parseTable(digest, bytes);
    if (!header) throw new UnusableReferenceError(digest, 'the file is empty');
    return { header: header.map((name) => name.trim()), rows };
  }

  private async bytes(digest: string): Promise<Buffer> {
    try {
      const key = (await readFile(this.config.serviceKeyFile, 'utf8')).trim();
      const response = await tracedFetch(new URL(`/v1/artifacts/${digest}`, this.config.registryUrl), {
        headers: { authorization: `Bearer ${key}` },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (response.status === 404) throw new UnusableReferenceError(digest, 'the registry does not have it');
      if (!response.ok) throw new Error(`the registry answered ${response.status}`);
      return await read(digest, response);
    } catch (error) {
      if (error instanceof UnusableReferenceError) throw error;
      throw new RegistryAwayError(digest, error);
    }
  }
}

async function read(digest: string, response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const body: AsyncIterable<Uint8Array> | null = response.body;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_BYTES) throw new UnusableReferenceError(digest, `it is larger than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parseTable(digest: string, bytes: Buffer): string[][] {
  try {
    return parse(bytes, { bom: true, skip_empty_lines: true, relax_column_count: true });
  } catch (error) {
    throw new UnusableReferenceError(
      digest,
      `it is no table: ${error instanceof Error ? error.message : 'unreadable'}`,
    );
  }
}
