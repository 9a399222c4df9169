import { setLogLevel } from '@baton/telemetry';
import fs, { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { realDisk, type Disk } from './disk.js';
import { SegmentReader } from './segment-reader.js';
import type { Missing } from './ship-messages.js';
import { Spool } from './spool.js';
import { droppedRecords } from './spool-writer.js';

/** A disk that can be told what to fail at. */
class FaultyDisk implements Disk {
  readonly openSync = fs.openSync;
  readonly closeSync = fs.closeSync;
  readonly renameSync = fs.renameSync;
  readonly fsync = fs.fsync;
  failWrites: string | undefined;
  failSyncs = 0;
  /** Takes this long for a write on the loop. */
  slowMs = 0;
  aside = 0;
  readonly writeSync = ((...args: Parameters<typeof fs.writeSync>) => {
    if (this.failWrites) throw Object.assign(new Error(this.failWrites), { code: this.failWrites });
    for (const until = performance.now() + this.slowMs; performance.now() < until; );
    return fs.writeSync(...args);
  }) as Disk['writeSync'];
  readonly write = ((
    ...args: [number, Buffer, number, number, number, (error: Error | null, count: number) => void]
  ) => {
    this.aside += 1;
    if (this.failWrites) setImmediate(() => args[5](new Error(this.failWrites), 0));
    else fs.write(...args);
  }) as unknown as Disk['write'];
  readonly fdatasync = ((fd: number, done: (error: Error | null) => void) => {
    if (this.failSyncs-- > 0) setImmediate(() => done(new Error('EIO')));
    else realDisk.fdatasync(fd, done);
  }) as Disk['fdatasync'];
}

let folder: string;
let disk: FaultyDisk;
let spool: Spool<string>;
let stable: () => void;

const open = async (segmentBytes = 4096) => {
  spool = await Spool.open<string>(folder, {
    ...{ segmentBytes, maxBytes: 1_000_000, disk, onStable: () => stable() },
    encode: (text, group) => {
      if (text === 'unwritable') throw new TypeError('it cannot be written');
      group.buffer.text(text);
    },
  });
};

beforeEach(async () => {
  setLogLevel('error');
  folder = mkdtempSync(join(tmpdir(), 'baton-faults-'));
  disk = new FaultyDisk();
  stable = () => undefined;
  await open();
});
afterEach(async () => {
  setLogLevel('info');
  await spool.close();
  rmSync(folder, { recursive: true });
});

const append = (text = 'x', mode: 'write' | 'sync' = 'sync') =>
  new Promise<void>((done) => spool.append(text, mode, done));
const appendAtOnce = (count: number, mode: 'write' | 'sync' = 'sync') =>
  Promise.all(Array.from({ length: count }, () => append('x', mode)));

async function dropped(reason: string): Promise<number> {
  const { values } = await droppedRecords.get();
  return values.find(({ labels }) => labels['reason'] === reason)?.value ?? 0;
}

/** Reads what is there; gives the sequences, and what was missing. */
function read(): { sequences: number[]; missing: Missing[] } {
  const [reader, sequences, all] = [new SegmentReader(), [] as number[], [] as Missing[]];
  for (let task = spool.nextTask(); task; task = spool.nextTask()) {
    for (;;) {
      const { records, missing } = reader.next(task, spool.shippedThrough + 1);
      all.push(...missing);
      missing.forEach((some) => spool.miss(some));
      if (records.length === 0) break;
      sequences.push(...records.filter(({ body }) => body.length > 0).map(({ sequence }) => sequence));
      spool.ship(sequences.at(-1) ?? 0);
    }
    if (!task.isWhole) spool.ship(task.through);
    spool.endTask(task);
  }
  return { sequences, missing: all };
}

describe('a spool whose disk takes nothing', () => {
  it.each(['ENOSPC', 'EIO'])(
    'answers all the same (%s), counts exactly what is lost, and leaves a gap',
    async (code) => {
      const before = [await dropped('disk'), await dropped('damaged')];
      await appendAtOnce(3);
      disk.failWrites = code;
      await appendAtOnce(5, 'write');
      await appendAtOnce(2, 'sync');
      disk.failWrites = undefined;
      await appendAtOnce(4);
      expect(await dropped('disk')).toBe((before[0] ?? 0) + 7);
      expect(read()).toEqual({ sequences: [1, 2, 3, 11, 12, 13, 14], missing: [{ first: 4, last: 10, known: 7 }] });
      expect(await dropped('damaged')).toBe(before[1]);
    },
  );

  it('knows after a restart what the one before had lost', async () => {
    const before = await dropped('damaged');
    await appendAtOnce(2);
    disk.failWrites = 'ENOSPC';
    await appendAtOnce(3);
    disk.failWrites = undefined;
    await appendAtOnce(1);
    await spool.close();
    await open();
    expect(read().sequences).toEqual([1, 2, 6]);
    expect(await dropped('damaged')).toBe(before);
  });

  it('counts no loss twice when it drops the oldest as well', async () => {
    await spool.close();
    const before = [await dropped('disk'), await dropped('full'), await dropped('damaged')];
    spool = await Spool.open<string>(folder, {
      ...{ segmentBytes: 400, maxBytes: 1600, disk, encode: (text: string, group) => group.buffer.text(text) },
    });
    let asked = 0;
    for (let round = 0; round < 40; round += 1) {
      disk.failWrites = round % 3 === 1 ? 'ENOSPC' : undefined;
      await appendAtOnce(3);
      asked += 3;
    }
    disk.failWrites = undefined;
    const { sequences } = read();
    const lost = [await dropped('disk'), await dropped('full'), await dropped('damaged')].map(
      (now, index) => now - (before[index] ?? 0),
    );
    expect(lost[1]).toBeGreaterThan(0);
    expect(lost[2]).toBe(0);
    expect(sequences.length + lost.reduce((sum, one) => sum + one, 0)).toBe(asked);
  });

  it('gives answers whose sync fails, and ships them once a sync succeeds', async () => {
    disk.failSyncs = 1;
    await appendAtOnce(2);
    expect(spool.nextTask()).toBeUndefined();
    await append();
    expect(read().sequences).toEqual([1, 2, 3]);
  });

  it('tries a sync again by itself', async () => {
    disk.failSyncs = 1;
    const again = new Promise<void>((done) => (stable = done));
    await append();
    await again;
    expect(read().sequences).toEqual([1]);
  });

  it('goes on over a segment that cannot be synced', async () => {
    for (let round = 0; round < 30; round += 1) {
      disk.failSyncs = round === 10 ? 5 : disk.failSyncs;
      await append('x'.repeat(500));
    }
    await spool.close();
    await open();
    expect(read().sequences).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
  });
});

describe('a spool with trouble', () => {
  it('leaves the loop alone when writes take long, and keeps the order', async () => {
    disk.slowMs = 10;
    await append();
    disk.slowMs = 0;
    expect(disk.aside).toBe(0);
    for (let round = 0; round < 5; round += 1) await appendAtOnce(3, 'write');
    await append();
    expect(disk.aside).toBeGreaterThan(3);
    expect(read().sequences).toEqual(Array.from({ length: 17 }, (_, index) => index + 1));
  });

  it('loses in such a time what the disk does not take, and no more', async () => {
    disk.slowMs = 10;
    await append();
    disk.failWrites = 'EIO';
    await appendAtOnce(3);
    disk.failWrites = undefined;
    await append();
    expect(read().sequences).toEqual([1, 5]);
  });

  it('loses only the record that cannot be written', async () => {
    const before = await dropped('encoding');
    await Promise.all([append('a'), append('unwritable'), append('b', 'write')]);
    expect(await dropped('encoding')).toBe(before + 1);
    expect(read().sequences).toEqual([1, 3]);
  });

  it('does without the file that was made beforehand', async () => {
    rmSync(join(folder, 'spare'), { force: true });
    for (let round = 0; round < 20; round += 1) {
      await append('x'.repeat(500));
      rmSync(join(folder, 'spare'), { force: true });
    }
    expect(read().sequences).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });

  it('ships nothing before it is stable, damage or not', async () => {
    await appendAtOnce(2);
    const path = join(folder, '0000000000000001.log');
    await append('y');
    const bytes = fs.readFileSync(path);
    bytes[bytes.indexOf('BPL1', 8) + 40] = 0xff;
    fs.writeFileSync(path, bytes);
    // Its sync is to take a while.
    disk.failSyncs = 1;
    const unsynced = append('z');
    await unsynced;
    expect(read()).toEqual({ sequences: [1, 2], missing: [] });
    await append();
    expect(read()).toEqual({ sequences: [4, 5], missing: [] });
  });

  it('counts what comes after its end, and touches no file', async () => {
    const before = await dropped('closed');
    await spool.close();
    await append();
    expect(await dropped('closed')).toBe(before + 1);
    await open();
  });

  it('gives everybody else their answer when one of them fails', async () => {
    let others = 0;
    spool.append('a', 'write', () => {
      throw new Error('the caller is gone');
    });
    spool.append('b', 'write', () => (others += 1));
    await append('c');
    expect(others).toBe(1);
  });
});
