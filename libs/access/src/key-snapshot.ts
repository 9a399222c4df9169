import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parsePayload, type AccessKey } from '@baton/contracts';
import { createLogger } from '@baton/telemetry';

const FORMAT = 1;
const OWNER_ONLY = 0o600;
const logger = createLogger('access');

/** The access keys on disk, for a start while Kafka is away. Hashes only; still nobody's but the service's to read. */
export class KeySnapshot {
  private writing: Promise<void> | undefined;
  private pending: (() => AccessKey[]) | undefined;

  /** @param file undefined keeps nothing */
  constructor(private readonly file: string | undefined) {}

  /** The keys as they were saved last; undefined when there are none that can be read. */
  async load(): Promise<AccessKey[] | undefined> {
    if (this.file === undefined) return undefined;
    try {
      return parseSnapshot(await readFile(this.file, 'utf8'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      logger.warn('the saved access keys cannot be read, waiting for the topic', {
        file: this.file,
        error: nameOf(error),
      });
      return undefined;
    }
  }

  /** Saves what `records` gives when its turn comes; calls that come while it writes are one write. */
  save(records: () => AccessKey[]): void {
    if (this.file === undefined) return;
    this.pending = records;
    this.writing ??= this.drain(this.file).finally(() => (this.writing = undefined));
  }

  /** Resolves when everything asked for is on disk. */
  async flush(): Promise<void> {
    await this.writing;
  }

  private async drain(file: string): Promise<void> {
    while (this.pending) {
      const records = this.pending();
      this.pending = undefined;
      try {
        await replace(file, JSON.stringify({ format: FORMAT, keys: records }));
      } catch (error) {
        logger.error('the access keys cannot be saved', { file, error: nameOf(error) });
      }
    }
  }
}

async function replace(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const part = `${file}.part`;
  const handle = await open(part, 'w', OWNER_ONLY);
  try {
    await handle.chmod(OWNER_ONLY);
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(part, file);
}

function parseSnapshot(text: string): AccessKey[] {
  const { format, keys } = JSON.parse(text) as { format?: unknown; keys?: unknown };
  if (format !== FORMAT || !Array.isArray(keys)) throw new Error('not a snapshot of access keys');
  return keys.map((key) => parsePayload('access.key', key));
}

/** A parser's message could quote the file. */
function nameOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? (error instanceof Error ? error.name : 'unknown');
}
