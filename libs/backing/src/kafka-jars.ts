import { createHash } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import downloadModule from 'mvn-artifact-download';

interface LockedJar {
  /** Maven coordinates, `group:artifact:version`. */
  readonly artifact: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
}

export interface JarOptions {
  readonly jarsDir: string;
  /** Base URL of a Maven repository; default Maven Central. */
  readonly repository?: string | undefined;
  readonly onProgress?: ((text: string) => void) | undefined;
}

const AT_ONCE = 4;
const TRIES = 4;

/**
 * Apache Kafka's jars, downloaded once and checked against `kafka-jars.lock.json`. Gives their paths in a fixed
 * order, as a class-data archive needs it.
 * @throws Error naming the artifact that could not be had
 */
export async function kafkaJars(options: JarOptions): Promise<string[]> {
  mkdirSync(options.jarsDir, { recursive: true });
  sweepParts(options.jarsDir);
  const locked = readLock();
  const missing = locked.filter((jar) => !isThere(options.jarsDir, jar)).sort((a, b) => b.size - a.size);
  const total = missing.reduce((sum, jar) => sum + jar.size, 0);
  if (missing.length > 0)
    options.onProgress?.(`downloading ${missing.length} jars, ${(total / 1e6).toFixed(0)} MB, once`);
  let done = 0;
  const next = async (): Promise<void> => {
    const jar = missing.shift();
    if (!jar) return;
    await fetchJar(jar, options);
    const before = Math.floor((4 * done) / total);
    done += jar.size;
    const quarter = Math.floor((4 * done) / total);
    if (quarter > before) options.onProgress?.(`${quarter * 25} % downloaded`);
    await next();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
  return locked.map((jar) => join(options.jarsDir, fileName(jar)));
}

async function fetchJar(jar: LockedJar, options: JarOptions): Promise<void> {
  const part = `${fileName(jar)}.part-${process.pid}`;
  for (let tries = 1; ; tries += 1) {
    try {
      await download(jar.artifact, options.jarsDir, options.repository, part);
      const actual = await sha256Of(join(options.jarsDir, part));
      if (actual !== jar.sha256) throw new Error(`SHA-256 is ${actual}, not ${jar.sha256}`);
      renameSync(join(options.jarsDir, part), join(options.jarsDir, fileName(jar)));
      return;
    } catch (error) {
      rmSync(join(options.jarsDir, part), { force: true });
      if (tries === TRIES) {
        const ways =
          'check the network, set MAVEN_REPOSITORY to a mirror, or set KAFKA_BROKERS to use a Kafka that runs elsewhere';
        throw new Error(`${jar.artifact} could not be downloaded (${reasonOf(error)}): ${ways}`, { cause: error });
      }
      await pause(500 * 2 ** tries);
    }
  }
}

/** The package is CommonJS with its function under `default`. */
const download = downloadModule.default;

function isThere(folder: string, jar: LockedJar): boolean {
  const file = join(folder, fileName(jar));
  return existsSync(file) && statSync(file).size === jar.size;
}

function fileName({ artifact }: LockedJar): string {
  const [, name, version] = artifact.split(':');
  return `${String(name)}-${String(version)}.jar`;
}

/** Parts of runs that are no more. */
function sweepParts(folder: string): void {
  for (const name of readdirSync(folder)) {
    const pid = /\.part-(\d+)$/.exec(name)?.[1];
    if (pid && !existsSync(`/proc/${pid}`)) rmSync(join(folder, name), { force: true });
  }
}

function readLock(): LockedJar[] {
  return JSON.parse(readFileSync(new URL('../kafka-jars.lock.json', import.meta.url), 'utf8')) as LockedJar[];
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
