import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { partOf, sweepParts } from './part-files.js';
import { JAVA_ENV, javaFlags, kafkaProperties, type KafkaAddress } from './kafka-settings.js';

const run = promisify(execFile);

export function isFormatted(dataDir: string): boolean {
  return existsSync(join(dataDir, 'meta.properties'));
}

/**
 * Formats the storage by Kafka's own tool (a hand-written `meta.properties` lacks the feature versions), in a folder
 * beside, so that a run that dies half-way leaves nothing that looks formatted.
 */
export async function formatStorage(java: string, classPath: string, address: KafkaAddress): Promise<void> {
  const { dataDir } = address;
  const part = partOf(dataDir);
  const properties = `${part}.properties`;
  mkdirSync(dirname(dataDir), { recursive: true });
  sweepParts(dirname(dataDir), basename(dataDir));
  writeFileSync(properties, kafkaProperties({ ...address, dataDir: part }));
  const tool = [...javaFlags(128), '-cp', classPath, 'kafka.tools.StorageTool'];
  try {
    const args = [...tool, 'format', '-t', clusterId(), '-c', properties];
    await run(java, args, { timeout: 60_000, env: JAVA_ENV });
    rmSync(dataDir, { recursive: true, force: true });
    renameSync(part, dataDir);
  } finally {
    rmSync(properties, { force: true });
    rmSync(part, { recursive: true, force: true });
  }
}

/** 16 random bytes in base64url, not beginning with a dash: what `StorageTool random-uuid` gives, a second sooner. */
export function clusterId(): string {
  const id = randomBytes(16).toString('base64url');
  return id.startsWith('-') ? clusterId() : id;
}
