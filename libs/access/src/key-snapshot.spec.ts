import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAccessKey } from './access-key.js';
import { KeySnapshot } from './key-snapshot.js';

const { key, record } = createAccessKey({ name: 'Ada', roles: ['viewer'] });
const other = createAccessKey({ name: 'Bob', roles: ['admin'] }).record;

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'baton-keys-'));
  file = join(folder, 'state', 'access-keys.json');
});
afterEach(() => rm(folder, { recursive: true }));

async function saved(...records: (typeof record)[]): Promise<void> {
  const snapshot = new KeySnapshot(file);
  snapshot.save(() => records);
  await snapshot.flush();
}

describe('a snapshot', () => {
  it('is read as it was saved, by another process', async () => {
    await saved(record, other);
    expect(await new KeySnapshot(file).load()).toEqual([record, other]);
  });

  it('is for the owner alone, has no secrets, and leaves nothing half-written', async () => {
    await writeFile(join(folder, 'unused'), '');
    await saved(record);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, 'utf8')).not.toContain(key.slice(-43));
    expect(await readdir(join(file, '..'))).toEqual(['access-keys.json']);
  });

  it('is for the owner alone, even if a file with other rights was in the way', async () => {
    await saved(record);
    await writeFile(`${file}.part`, '', { mode: 0o644 });
    await saved(other);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('ends with what was there last, however often it was saved', async () => {
    const snapshot = new KeySnapshot(file);
    let writes = 0;
    const current = [record];
    for (let n = 0; n < 100; n += 1) {
      snapshot.save(() => {
        writes += 1;
        return current;
      });
    }
    current.push(other);
    await snapshot.flush();
    expect(await new KeySnapshot(file).load()).toEqual([record, other]);
    expect(writes).toBeLessThan(5);
  });

  it('is not there before the first was saved', async () => {
    expect(await new KeySnapshot(file).load()).toBeUndefined();
  });

  it('of no keys is still one', async () => {
    await saved();
    expect(await new KeySnapshot(file).load()).toEqual([]);
  });

  it.each([
    ['no JSON', '{"format":1,"keys":['],
    ['another format', '{"format":2,"keys":[]}'],
    ['nothing', ''],
    ['a list', '[]'],
    ['null', 'null'],
    ['a key of another shape', '{"format":1,"keys":[{"id":"abcdefgh"}]}'],
  ])('with %s in it counts as none', async (_, text) => {
    await saved();
    await writeFile(file, text);
    expect(await new KeySnapshot(file).load()).toBeUndefined();
  });

  it('that cannot be saved does not stop the service, and the next one is', async () => {
    await writeFile(join(folder, 'state'), 'a file where the folder should be');
    await expect(saved(record)).resolves.toBeUndefined();
    await rm(join(folder, 'state'));
    await saved(record);
    expect(await new KeySnapshot(file).load()).toEqual([record]);
  });

  it('without a file is neither saved nor read', async () => {
    const snapshot = new KeySnapshot(undefined);
    snapshot.save(() => [record]);
    await snapshot.flush();
    expect(await snapshot.load()).toBeUndefined();
  });
});
