import type { PredictionLogged } from '@baton/contracts';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SpoolFiles } from './spool-files.js';
import type { SpoolRecord } from './spool-record.js';
import { Spool } from './spool.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'baton-spool-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const record = (sequence: number): SpoolRecord => ({
  id: `event-${sequence}`,
  time: '2026-01-01T00:00:00Z',
  data: { sequence } as PredictionLogged,
});
const open = () => new Spool(new SpoolFiles(folder));
const sequences = () => {
  const files = new SpoolFiles(folder);
  return files.segments().flatMap((segment) => [...files.read(segment)].map(({ record: { data } }) => data.sequence));
};

describe('the spool', () => {
  it('gives sequences without a gap, however many come at once', async () => {
    const spool = open();
    await Promise.all(Array.from({ length: 100 }, () => spool.append(record, 'write')));
    await spool.append(record, 'sync');
    expect(spool.stableThrough).toBe(101);
    await spool.close();
    expect(sequences()).toEqual(Array.from({ length: 101 }, (_, i) => i + 1));
  });

  it('goes on after a restart', async () => {
    const first = open();
    await first.append(record, 'sync');
    await first.close();
    const second = open();
    await second.append(record, 'sync');
    await second.close();
    expect(sequences()).toEqual([1, 2]);
  });

  it('goes on after everything was shipped and removed', async () => {
    new SpoolFiles(folder).writeShipped(41);
    const spool = open();
    await spool.append(record, 'sync');
    await spool.close();
    expect(sequences()).toEqual([42]);
  });

  it.each([1, 7, 9, 20])(
    'cuts off a record of which only %i bytes were written, and uses its sequence again',
    async (bytes) => {
      const spool = open();
      await spool.append(record, 'sync');
      await spool.append(record, 'sync');
      await spool.close();
      const [segment] = new SpoolFiles(folder).segments();
      const path = String(segment?.path);
      appendFileSync(path, readFileSync(path).subarray(0, bytes));
      const again = open();
      await again.append(record, 'sync');
      await again.close();
      expect(sequences()).toEqual([1, 2, 3]);
    },
  );

  it('does not read a record whose bytes have changed', async () => {
    const spool = open();
    await spool.append(record, 'sync');
    await spool.close();
    const [segment] = new SpoolFiles(folder).segments();
    const bytes = readFileSync(String(segment?.path));
    bytes[15] = (bytes[15] ?? 0) ^ 1;
    writeFileSync(String(segment?.path), bytes);
    expect(sequences()).toEqual([]);
  });

  it('makes a record of mode write stable soon, without being asked', async () => {
    const spool = open();
    const stable = new Promise<void>((done) => spool.onStable(done));
    await spool.append(record, 'write');
    await stable;
    expect(spool.stableThrough).toBe(1);
    await spool.close();
  });
});
