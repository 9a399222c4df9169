import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const OLDEST = 17;

/** Thrown when Kafka cannot be started for lack of Java; tells the ways out. */
export class NoJavaError extends Error {
  override readonly name = 'NoJavaError';

  constructor(found: string) {
    super(
      [
        `Kafka needs Java ${OLDEST} or later, and ${found}. Three ways out:`,
        `  1. install one, e.g. "apt install openjdk-17-jre-headless" or "brew install openjdk@17";`,
        '  2. set JAVA_HOME to one that is there already;',
        '  3. set KAFKA_BROKERS=host:port to use a Kafka that runs elsewhere.',
      ].join('\n'),
    );
  }
}

/** A Java that can run Kafka. */
export interface Java {
  /** Absolute, so that it is found without the PATH. */
  readonly command: string;
  /** As `java -version` tells it; class-data archives belong to one. */
  readonly version: string;
}

/**
 * Finds Java in `javaHome`, else on the PATH.
 * @throws NoJavaError when there is none, or only an older one
 */
export function findJava(javaHome?: string): Java {
  const java = told(javaHome ? join(javaHome, 'bin', 'java') : 'java');
  if (!java) throw new NoJavaError(javaHome ? `there is none in JAVA_HOME (${javaHome})` : 'none was found');
  if (majorOf(java.version) < OLDEST) throw new NoJavaError(`the one that was found is ${java.version}`);
  return java;
}

/** `17.0.15` is 17, `1.8.0_402` is 8, `21` is 21. */
export function majorOf(version: string): number {
  const [first = '0', second = '0'] = version.split(/[._-]/);
  return Number(first === '1' ? second : first);
}

/** What the command tells of itself. */
function told(command: string): Java | undefined {
  const settings = ['-XshowSettings:properties', '-version'];
  const { stderr, status } = spawnSync(command, settings, { encoding: 'utf8', timeout: 20_000 });
  const version = status === 0 ? /version "([^"]+)"/.exec(stderr)?.[1] : undefined;
  if (version === undefined) return undefined;
  const home = /^\s*java\.home = (.+)$/m.exec(stderr)?.[1];
  return { command: home ? join(home.trim(), 'bin', 'java') : command, version };
}
