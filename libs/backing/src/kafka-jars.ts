import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type downloadModule from 'mvn-artifact-download';
import { mirrorInSettings, USER_SETTINGS } from './maven-repository.js';
import { partOf, sweepParts } from './part-files.js';

/** A line of `kafka-jars.lock.json`. */
export interface LockedJar {
  /** Maven coordinates, `group:artifact:version`. */
  readonly artifact: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
}

export interface JarOptions {
  readonly jarsDir: string;
  /** Base URL of a Maven repository; default: the mirror in the user's Maven settings, else Maven Central. */
  readonly repository?: string | undefined;
  readonly onProgress?: ((text: string) => void) | undefined;
}

/** What a test of the download wants to be different. */
export interface DownloadTuning {
  readonly locked?: readonly LockedJar[];
  readonly tries?: number;
  /** Before the second try; doubled for each further one. */
  readonly pauseMs?: number;
  /** How long nothing may arrive. */
  readonly stallMs?: number;
  /** The user's Maven settings. */
  readonly settings?: string;
}

export const LOCK_FILE = new URL('../kafka-jars.lock.json', import.meta.url);
const AT_ONCE = 4;
/** CommonJS with its function under `default`: what `import` makes of that differs between Node and Vite. */
const { default: downloadArtifact } = createRequire(import.meta.url)('mvn-artifact-download') as typeof downloadModule;

/**
 * Apache Kafka's jars, downloaded once and checked against `kafka-jars.lock.json`. Gives their paths in a fixed
 * order, as a class-data archive needs it.
 * @throws Error naming the artifact that could not be had
 */
export async function kafkaJars(options: JarOptions, tuning: DownloadTuning = {}): Promise<string[]> {
  const { jarsDir, onProgress } = options;
  mkdirSync(jarsDir, { recursive: true });
  sweepParts(jarsDir, '');
  const locked = tuning.locked ?? (JSON.parse(readFileSync(LOCK_FILE, 'utf8')) as LockedJar[]);
  const missing = locked.filter((jar) => !isThere(jarsDir, jar)).sort((a, b) => b.size - a.size);
  const total = missing.reduce((sum, jar) => sum + jar.size, 0);
  if (missing.length > 0) onProgress?.(`downloading ${missing.length} jars, ${(total / 1e6).toFixed(0)} MB, once`);
  const repository = options.repository ?? mirrorInSettings(tuning.settings ?? USER_SETTINGS);
  let done = 0;
  const fetchNext = async (): Promise<void> => {
    for (let jar = missing.shift(); jar; jar = missing.shift()) {
      await fetchJar(jar, jarsDir, repository && `${repository.replace(/\/+$/, '')}/`, tuning);
      const before = Math.floor((4 * done) / total);
      done += jar.size;
      const quarter = Math.floor((4 * done) / total);
      if (quarter > before) onProgress?.(`${quarter * 25} % downloaded`);
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: AT_ONCE }, fetchNext));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return locked.map((jar) => join(jarsDir, fileName(jar)));
}

async function fetchJar(
  jar: LockedJar,
  folder: string,
  repository: string | undefined,
  { tries: allowed = 4, pauseMs = 1000, stallMs = 30_000 }: DownloadTuning,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    // Another name for each try: one that was given up may still write.
    const part = partOf(join(folder, fileName(jar)));
    try {
      await download(jar, part, repository, stallMs);
      const actual = await sha256Of(part);
      if (actual !== jar.sha256) throw new Error(`SHA-256 is ${actual}, not ${jar.sha256}`);
      renameSync(part, join(folder, fileName(jar)));
      return;
    } catch (error) {
      rmSync(part, { force: true });
      if (tries === allowed) throw notDownloaded(jar, error);
      await pause(pauseMs * 2 ** (tries - 1));
    }
  }
}

/** The package itself waits for ever when a connection stalls or breaks: here, what gets nothing new gives up. */
async function download(jar: LockedJar, part: string, repository: string | undefined, stallMs: number): Promise<void> {
  const given = new AbortController();
  const options = { timeout: stallMs, signal: given.signal };
  const downloaded = downloadArtifact(jar.artifact, dirname(part), repository, basename(part), options);
  // It may fail only after it was given up.
  downloaded.catch(() => undefined);
  const ended = downloaded.then(() => true);
  try {
    for (let had = -1, have = sizeOf(part); ; [had, have] = [have, sizeOf(part)]) {
      if (have === had) throw new Error(`nothing came for ${stallMs / 1000} s`);
      if (await Promise.race([ended, pause(stallMs, false, { signal: given.signal })])) return;
    }
  } finally {
    given.abort();
  }
}

function notDownloaded({ artifact }: LockedJar, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const ways =
    'check the network, set MAVEN_REPOSITORY to a mirror, or set KAFKA_BROKERS to use a Kafka that runs elsewhere';
  return new Error(`${artifact} could not be downloaded (${reason}): ${ways}`, { cause });
}

function isThere(folder: string, jar: LockedJar): boolean {
  return sizeOf(join(folder, fileName(jar))) === jar.size;
}

function sizeOf(file: string): number {
  return existsSync(file) ? statSync(file).size : 0;
}

function fileName({ artifact }: LockedJar): string {
  const [, name, version] = artifact.split(':');
  return `${String(name)}-${String(version)}.jar`;
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
