import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { reachableDataDir } from './postgres-user.js';

const folder = mkdtempSync(join(tmpdir(), 'baton-home-'));
chmodSync(folder, 0o755);
mkdirSync(join(folder, 'closed'), { mode: 0o700 });
mkdirSync(join(folder, 'open'), { mode: 0o755 });
afterAll(() => rmSync(folder, { recursive: true }));

const somebody = { uid: 101, gid: 104 };

describe('where the data of Postgres is', () => {
  it('is the wished folder when its user can reach it', () => {
    expect(reachableDataDir(join(folder, 'open', 'postgres'), somebody)).toBe(join(folder, 'open', 'postgres'));
  });

  it('is outside of a closed home, always at the same place', () => {
    const first = reachableDataDir(join(folder, 'closed', 'a', 'postgres'), somebody);
    expect(first).toMatch(/^\/var\/tmp\/baton-postgres-[0-9a-f]{12}$/);
    expect(reachableDataDir(join(folder, 'closed', 'a', 'postgres'), somebody)).toBe(first);
    expect(reachableDataDir(join(folder, 'closed', 'b', 'postgres'), somebody)).not.toBe(first);
  });

  it('is the wished folder when it is our own user who runs it', () => {
    const closed = join(folder, 'closed', 'postgres');
    expect(reachableDataDir(closed, undefined)).toBe(closed);
  });
});
