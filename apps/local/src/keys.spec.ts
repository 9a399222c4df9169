import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { prepareKeys } from './keys.js';

const home = mkdtempSync(join(tmpdir(), 'baton-keys-'));
afterAll(() => rmSync(home, { recursive: true }));

describe('keys of a machine', () => {
  it('makes each key once', () => {
    const first = prepareKeys(home);
    const second = prepareKeys(home);
    expect(second.access).toEqual(first.access);
    expect(second.postgresPassword).toBe(first.postgresPassword);
    expect(new Set(Object.values(first.access)).size).toBe(4);
  });

  it('keeps secrets for their owner alone', () => {
    const keys = prepareKeys(home);
    const secrets = [keys.bootstrapFile, keys.keyFile('admin'), keys.signingKeyFile('registry')];
    for (const file of secrets) expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(home, 'keys')).mode & 0o777).toBe(0o700);
  });
});
