import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { classArchive } from './class-archive.js';

let folder: string;
let jar: string;
const java = { command: '/usr/bin/java', version: '17.0.15' };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'baton-archive-'));
  jar = join(folder, 'kafka.jar');
  writeFileSync(jar, '');
});
afterEach(() => rmSync(folder, { recursive: true }));

const made = () => readdirSync(folder).filter((name) => name.includes('.jsa'));

/** What Java does at its exit: it writes the file that the flag names. */
function exit(flags: readonly string[]): void {
  writeFileSync(String(flags[0]?.split('=')[1]), 'classes');
}

/** As after a first run that ended orderly. */
function withArchive(): void {
  const first = classArchive(java, [jar], folder);
  exit(first.flags);
  first.keep(true);
}

describe('the archive of classes', () => {
  it('is written by the first run and used by the second', () => {
    withArchive();
    expect(made()).toHaveLength(1);
    const second = classArchive(java, [jar], folder);
    expect(second.flags).toEqual([`-XX:SharedArchiveFile=${join(folder, String(made()[0]))}`, '-Xshare:auto']);
    second.keep(true);
    expect(made()).toHaveLength(1);
  });

  it('is not made of a run that was killed, perhaps while it wrote', () => {
    const first = classArchive(java, [jar], folder);
    exit(first.flags);
    first.keep(false);
    expect(made()).toEqual([]);
  });

  it('may not have been written', () => {
    classArchive(java, [jar], folder).keep(true);
    expect(made()).toEqual([]);
  });

  it('is written to a file of its own by each of two runs at once', () => {
    const [one, two] = [classArchive(java, [jar], folder), classArchive(java, [jar], folder)];
    expect(one.flags).not.toEqual(two.flags);
  });

  it('belongs to one Java', () => {
    withArchive();
    expect(classArchive({ ...java, version: '21.0.1' }, [jar], folder).flags[0]).toMatch('ArchiveClassesAtExit');
  });

  it('belongs to jars as they were', () => {
    withArchive();
    utimesSync(jar, 1, 1);
    expect(classArchive(java, [jar], folder).flags[0]).toMatch('ArchiveClassesAtExit');
  });

  it('leaves no parts of runs that are no more', () => {
    const part = join(folder, `kafka-1.jsa.part-${2 ** 22 - 1}-abcdef`);
    const ours = join(folder, `kafka-1.jsa.part-${process.pid}-abcdef`);
    [part, ours].forEach((file) => writeFileSync(file, ''));
    classArchive(java, [jar], folder);
    expect([existsSync(part), existsSync(ours)]).toEqual([false, true]);
  });
});
