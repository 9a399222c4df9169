import { createHash } from 'node:crypto';
import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Java } from './java.js';
import { partOf, sweepParts } from './part-files.js';

/** Classes of Kafka as Java has laid them out in memory: loading them from there halves the start. */
export interface ClassArchive {
  readonly flags: readonly string[];
  /** Makes the archive that an orderly run has written the one of the next runs; drops a half-written one. */
  keep(orderly: boolean): void;
}

/** The archive of this Java and these jars in the folder; if there is none yet, the first orderly stop writes it. */
export function classArchive(java: Java, jars: readonly string[], folder: string): ClassArchive {
  const file = join(folder, `kafka-${keyOf(java, jars)}.jsa`);
  if (existsSync(file)) {
    return { flags: [`-XX:SharedArchiveFile=${file}`, '-Xshare:auto'], keep: () => undefined };
  }
  sweepParts(folder, 'kafka-');
  const part = partOf(file);
  return {
    flags: [`-XX:ArchiveClassesAtExit=${part}`],
    keep: (orderly) => {
      if (orderly && existsSync(part)) renameSync(part, file);
      else rmSync(part, { force: true });
    },
  };
}

/** Java refuses an archive whose jars were written since. */
function keyOf(java: Java, jars: readonly string[]): string {
  const parts = [java.command, java.version, ...jars.map((jar) => `${jar} ${statSync(jar).mtimeMs}`)];
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 12);
}
