import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findJava, majorOf, NoJavaError } from './java.js';

const folder = mkdtempSync(join(tmpdir(), 'baton-java-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A program that says it is a Java of that version. */
function fakeJava(version: string, says = ''): string {
  const home = join(folder, version);
  mkdirSync(join(home, 'bin'), { recursive: true });
  const lines = ['Picked up _JAVA_OPTIONS: -Dsome=thing', `openjdk version "${version}" 2025-04-15`, says];
  writeFileSync(join(home, 'bin', 'java'), `#!/bin/sh\ncat >&2 <<END\n${lines.join('\n')}\nEND\n`);
  chmodSync(join(home, 'bin', 'java'), 0o755);
  return home;
}

describe('Java', () => {
  it.each([
    ['17.0.15', 17],
    ['21', 21],
    ['25-ea', 25],
    ['1.8.0_402', 8],
  ])('%s is Java %i', (version, major) => expect(majorOf(version)).toBe(major));

  it('is found in JAVA_HOME', () => {
    expect(findJava(fakeJava('17.0.15'))).toMatchObject({ version: '17.0.15' });
  });

  it('is told by its own path, which may be behind a link', () => {
    const home = fakeJava('18.0.1', '    java.home = /opt/java/18');
    expect(findJava(home)).toEqual({ command: '/opt/java/18/bin/java', version: '18.0.1' });
    expect(findJava(fakeJava('19.0.1')).command).toBe(join(folder, '19.0.1', 'bin', 'java'));
  });

  it.each([
    ['an older one', () => fakeJava('11.0.2'), /11\.0\.2/],
    ['none at all', () => join(folder, 'nowhere'), /JAVA_HOME/],
  ])('tells three ways out when there is %s', (_, home, message) => {
    expect(() => findJava(home())).toThrow(NoJavaError);
    expect(() => findJava(home())).toThrow(message);
    for (const way of [/apt install/, /set JAVA_HOME/, /set KAFKA_BROKERS/])
      expect(() => findJava(home())).toThrow(way);
  });
});
