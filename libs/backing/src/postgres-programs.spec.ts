import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reachablePrograms } from './postgres-programs.js';

let folder: string;
let native: string;
const somebody = { uid: 101, gid: 104 };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'baton-programs-'));
  native = join(folder, 'closed', 'native');
  mkdirSync(join(native, 'bin'), { recursive: true });
  writeFileSync(join(native, 'bin', 'postgres'), 'program', { mode: 0o755 });
  symlinkSync('postgres', join(native, 'bin', 'postmaster'));
  chmodSync(join(folder, 'closed'), 0o700);
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the programs of Postgres', () => {
  it('are copied once to where another user can run them', () => {
    const copy = reachablePrograms(native, '18.4.0', somebody, folder);
    expect(copy).toBe(join(folder, 'baton-postgres-programs-18.4.0'));
    expect(statSync(copy).mode & 0o777).toBe(0o755);
    expect(readFileSync(join(copy, 'bin', 'postmaster'), 'utf8')).toBe('program');
    writeFileSync(join(native, 'bin', 'postgres'), 'changed');
    expect(reachablePrograms(native, '18.4.0', somebody, folder)).toBe(copy);
    expect(readFileSync(join(copy, 'bin', 'postgres'), 'utf8')).toBe('program');
  });

  it('stay where they are for ourselves', () => {
    expect(reachablePrograms(native, '18.4.0', undefined, folder)).toBe(native);
  });

  it('are not taken from behind a link that somebody has put there', () => {
    symlinkSync(native, join(folder, 'baton-postgres-programs-18.4.0'));
    expect(() => reachablePrograms(native, '18.4.0', somebody, folder)).toThrow('belongs to somebody else');
  });
});
