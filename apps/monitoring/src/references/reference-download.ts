import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { tracedFetch } from '@baton/telemetry';
import { Injectable } from '@nestjs/common';
import { parse } from 'csv-parse';
import { MonitoringConfig } from '../config.js';
import { RegistryAwayError, UnusableReferenceError } from './references.errors.js';
import { RowSample } from './row-sample.js';

/** As much as the registry takes. */
const MAX_BYTES = 256 * 1024 * 1024;
const TIMEOUT_MS = 120_000;

export interface ReferenceTable {
  header: string[];
  /** All rows, or a sample of a large table. */
  rows: string[][];
}

/** The table in a reference file, read after its bytes were checked against the digest. */
@Injectable()
export class ReferenceDownload {
  constructor(private readonly config: MonitoringConfig) {}

  /**
   * @throws RegistryAwayError
   * @throws UnusableReferenceError when it is gone, too large, not what its digest says, or no table
   */
  async table(digest: string): Promise<ReferenceTable> {
    const chunks = await this.bytes(digest);
    const hash = createHash('sha256');
    for (const chunk of chunks) hash.update(chunk);
    const actual = hash.digest('hex');
    if (actual !== digest) throw new UnusableReferenceError(digest, 'the bytes have another SHA-256', actual);
    return readTable(digest, chunks);
  }

  private async bytes(digest: string): Promise<Uint8Array[]> {
    try {
      const key = (await readFile(this.config.serviceKeyFile, 'utf8')).trim();
      const response = await tracedFetch(new URL(`/v1/artifacts/${digest}`, this.config.registryUrl), {
        headers: { authorization: `Bearer ${key}` },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (response.status === 404) throw new UnusableReferenceError(digest, 'the registry does not have it');
      if (!response.ok) throw new Error(`the registry answered ${response.status}`);
      return await readBody(digest, response);
    } catch (error) {
      if (error instanceof UnusableReferenceError) throw error;
      throw new RegistryAwayError(digest, error);
    }
  }
}

async function readBody(digest: string, response: Response): Promise<Uint8Array[]> {
  const body: AsyncIterable<Uint8Array> | null = response.body;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_BYTES) throw new UnusableReferenceError(digest, `it is larger than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return chunks;
}

async function readTable(digest: string, chunks: readonly Uint8Array[]): Promise<ReferenceTable> {
  const parser = Readable.from(chunks).pipe(parse({ bom: true, skip_empty_lines: true, relax_column_count: true }));
  const lines: AsyncIterable<string[]> = parser;
  let table: { header: string[]; sample: RowSample } | undefined;
  try {
    for await (const line of lines) {
      if (table) table.sample.add(line);
      else table = { header: line.map((name) => name.trim()), sample: new RowSample(line.length) };
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unreadable';
    throw new UnusableReferenceError(digest, `it is no table: ${reason}`);
  }
  if (!table) throw new UnusableReferenceError(digest, 'the file is empty');
  return { header: table.header, rows: table.sample.rows };
}
