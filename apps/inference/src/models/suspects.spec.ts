import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DataDir } from '../data-dir.js';
import { Suspects } from './suspects.js';

const digest = 'a'.repeat(64);
let folder: string;
const start = () => new Suspects({ path: (...parts: string[]) => join(folder, ...parts) } as DataDir);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'baton-suspects-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a model', () => {
  it('that the process died of is suspect from then on', () => {
    // Never answered: as if the process had ended.
    void start().trying(digest, () => new Promise(() => undefined));
    expect(start().has(digest)).toBe(true);
    expect(start().has(digest)).toBe(true);
  });

  it('that was tried to its end, well or not, is not', async () => {
    await start().trying(digest, () => Promise.resolve());
    const failing = () => Promise.reject(new Error('not this way'));
    await expect(start().trying(digest, failing)).rejects.toThrow('not this way');
    expect(start().has(digest)).toBe(false);
    expect(readdirSync(join(folder, 'suspects'))).toEqual([]);
  });

  it('that has misbehaved elsewhere is suspect over restarts', () => {
    start().add(digest);
    expect(start().has(digest)).toBe(true);
    expect(start().has('b'.repeat(64))).toBe(false);
  });

  it('is tried, and suspect, on a disk that takes nothing', async () => {
    const suspects = start();
    rmSync(join(folder, 'suspects'), { recursive: true });
    await expect(suspects.trying(digest, () => Promise.resolve('loaded'))).resolves.toBe('loaded');
    suspects.add(digest);
    expect(suspects.has(digest)).toBe(true);
  });
});
