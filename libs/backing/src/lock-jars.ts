import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { LOCK_FILE, type LockedJar } from './kafka-jars.js';

/*
 * Writes `kafka-jars.lock.json` anew from what Maven finds for the artifacts below. To be run by hand when Kafka's
 * version changes (`node libs/backing/dist/lock-jars.js`); needs `mvn`, and takes from its repository what it gives.
 */

const WANTED = ['org.apache.kafka:kafka_2.13:4.1.2', 'org.slf4j:slf4j-simple:1.7.36'];

function pom(): string {
  const dependencies = WANTED.map((coordinates) => {
    const [group, artifact, version] = coordinates.split(':');
    return `<dependency><groupId>${String(group)}</groupId><artifactId>${String(artifact)}</artifactId><version>${String(version)}</version></dependency>`;
  });
  return `<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>baton</groupId><artifactId>kafka-jars</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>${dependencies.join('')}</dependencies>
</project>`;
}

/** In Maven's layout: `group/as/folders/artifact/version/artifact-version.jar`. */
function lockedJar(folder: string, file: string): LockedJar {
  const path = relative(folder, file).split('/');
  const [artifact, version] = path.slice(-3);
  const bytes = readFileSync(file);
  return {
    artifact: `${path.slice(0, -3).join('.')}:${String(artifact)}:${String(version)}`,
    size: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}

const folder = mkdtempSync(join(tmpdir(), 'baton-lock-'));
try {
  writeFileSync(join(folder, 'pom.xml'), pom());
  const flags = ['-DincludeScope=runtime', '-Dmdep.useRepositoryLayout=true', '-DoutputDirectory=jars'];
  execFileSync('mvn', ['-q', '-B', 'dependency:copy-dependencies', ...flags], { cwd: folder, stdio: 'inherit' });
  const jars = join(folder, 'jars');
  const files = readdirSync(jars, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.jar'));
  const locked = files
    .map((name) => lockedJar(jars, join(jars, name)))
    .sort((a, b) => (a.artifact < b.artifact ? -1 : 1));
  writeFileSync(LOCK_FILE, `${JSON.stringify(locked, undefined, 2)}\n`);
  process.stdout.write(`${locked.length} jars, ${locked.reduce((sum, jar) => sum + jar.size, 0)} bytes\n`);
} finally {
  rmSync(folder, { recursive: true });
}
