import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SegmentReader, type StoredRecord } from './segment-reader.js';
import type { ShipTask } from './ship-messages.js';
import { shippedFile } from './spool-recovery.js';
import { Spool, type SpoolOptions } from './spool.js';

type Options = Pick<SpoolOptions<Buffer>, 'segmentBytes' | 'maxBytes'>;

let folder: string;
let spool: Spool<Buffer>;
let reader: SegmentReader;
let task: ShipTask | undefined;
/** What the next record is to say: its sequence, so that a reader can tell whether it is the right one. */
let next: number;
let stable: PromiseWithResolvers<void>;
const BIG = { segmentBytes: 1_000_000, maxBytes: 1_000_000_000 };
const make = (sequence: number) => Buffer.from(JSON.stringify({ sequence, text: 'x'.repeat(sequence % 50) }));
const files = (at = folder) =>
  readdirSync(at)
    .filter((name) => name.endsWith('.log'))
    .sort();

async function open({ segmentBytes, maxBytes }: Options = BIG, at = folder): Promise<void> {
  stable = Promise.withResolvers();
  reader = new SegmentReader();
  task = undefined;
  spool = await Spool.open<Buffer>(at, {
    segmentBytes,
    maxBytes,
    encode: (body, group) => group.buffer.raw(body),
    onStable: () => stable.resolve(),
  });
  next = spool.shippedThrough + spool.waiting + 1;
}

const append = (body: Buffer, mode: 'write' | 'sync') => new Promise<void>((done) => spool.append(body, mode, done));

/** The next records to ship, oldest first. */
function take(count: number): StoredRecord[] {
  for (task ??= spool.nextTask(); task; task = spool.nextTask()) {
    const { records, missing } = reader.next(task, spool.shippedThrough + 1);
    missing.forEach((some) => spool.miss(some));
    // What is not taken now is given again.
    if (records.length > 0) return records.slice(0, count);
    if (!task.isWhole) spool.ship(task.through);
    spool.endTask(task);
  }
  return [];
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'baton-spool-'));
  await open();
});
afterEach(async () => {
  await spool.close();
  rmSync(folder, { recursive: true });
});

async function fill(count: number, mode: 'write' | 'sync' = 'sync'): Promise<void> {
  for (let i = 0; i < count; i += 1) await append(make(next++), mode);
}

function ship(sequence: number): void {
  writeFileSync(shippedFile(folder), String(sequence));
  spool.ship(sequence);
}

/** Ships everything that is there; gives the sequences. */
function drain(count = 7): number[] {
  const all: number[] = [];
  for (let records = take(count); records.length > 0; records = take(count)) {
    for (const { sequence, body } of records) expect(body).toEqual(make(sequence));
    all.push(...records.map(({ sequence }) => sequence));
    ship(all.at(-1) ?? 0);
  }
  return all;
}

const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, index) => first + index);

describe('the spool', () => {
  it('gives sequences without a gap, however many come at once', async () => {
    await Promise.all(Array.from({ length: 300 }, (_, i) => append(make(next++), i % 3 === 0 ? 'sync' : 'write')));
    await fill(1);
    expect(drain()).toEqual(upTo(301));
    expect(drain()).toEqual([]);
  });

  it('makes a record of mode write stable soon, without being asked', async () => {
    await fill(1, 'write');
    await stable.promise;
    expect(drain()).toEqual([1]);
  });

  it('takes no removed segment for lost when it was killed before it had noted that it arrived', async () => {
    await spool.close();
    await open({ segmentBytes: 1000, maxBytes: 1_000_000 });
    await fill(200);
    const early = take(3).at(-1)?.sequence ?? 0;
    drain();
    await fill(5);
    expect(files().length).toBeLessThan(4);
    await spool.close();
    writeFileSync(shippedFile(folder), String(early));
    await open({ segmentBytes: 1000, maxBytes: 1_000_000 });
    expect(spool.shippedThrough).toBeGreaterThan(100);
    const [first] = take(1);
    expect(first?.sequence).toBe(spool.shippedThrough + 1);
  });

  it('goes on after a restart, and ships what was not shipped', async () => {
    await fill(3);
    expect(take(2).map(({ sequence }) => sequence)).toEqual([1, 2]);
    ship(2);
    await spool.close();
    await open();
    await fill(1);
    expect(drain()).toEqual([3, 4]);
    await spool.close();
    await open();
    await fill(1);
    expect(drain()).toEqual([5]);
  });

  it('writes segments, and removes those that are shipped', async () => {
    await spool.close();
    await open({ segmentBytes: 100, maxBytes: 1_000_000 });
    await fill(40);
    expect(files().length).toBeGreaterThan(10);
    expect(drain(3)).toEqual(upTo(40));
    expect(files()).toHaveLength(1);
    await spool.close();
    await open();
    await fill(1);
    expect(drain()).toEqual([41]);
  });

  it('drops the oldest beyond its limit, but never what is being shipped', async () => {
    await spool.close();
    await open({ segmentBytes: 200, maxBytes: 1000 });
    await fill(10);
    const taken = take(1);
    await fill(90);
    expect(spool.bytes).toBeLessThan(1500);
    expect(taken.map(({ sequence }) => sequence)).toEqual([1]);
    ship(1);
    const rest = drain();
    expect(rest).toEqual(upTo(100, rest[0]).filter((sequence) => rest.includes(sequence)));
    expect(rest.at(-1)).toBe(100);
    expect(rest.length).toBeLessThan(60);
    expect(rest.length).toBeGreaterThan(5);
  });

  it('reads records that are larger than what it reads at once', async () => {
    const large = (sequence: number) => Buffer.alloc(3_000_000, sequence);
    await append(large(1), 'sync');
    await append(large(2), 'sync');
    expect(take(1).map(({ body }) => body.equals(large(1)))).toEqual([true]);
    ship(1);
    expect(take(10).map(({ sequence }) => sequence)).toEqual([2]);
  });

  it('loses nothing that is whole when its end is cut off at any byte, and goes on without a gap', async () => {
    await fill(4);
    await spool.close();
    const path = join(folder, String(files()[0]));
    const size = statSync(path).size;
    for (let length = 0; length <= size; length += 3) {
      const other = join(folder, `cut-${length}`);
      mkdirSync(other);
      copyFileSync(path, join(other, String(files()[0])));
      truncateSync(join(other, String(files()[0])), length);
      await open(BIG, other);
      await fill(2);
      const all = drain();
      expect(all).toEqual(upTo(all.length));
      expect(all.length).toBeGreaterThanOrEqual(2);
      if (length < size) await spool.close();
    }
  });

  it.each([1, 7, 17, 40])('cuts off what an interrupted write left: %i bytes', async (bytes) => {
    await fill(2);
    await spool.close();
    const path = join(folder, String(files()[0]));
    appendFileSync(path, readFileSync(path).subarray(0, bytes));
    await open();
    await fill(1);
    expect(drain()).toEqual([1, 2, 3]);
  });

  it('uses no sequence again when the last segment is empty, or does not fit the one before', async () => {
    await fill(5);
    await spool.close();
    writeFileSync(join(folder, '0000000000000003.log'), '');
    await open();
    await fill(1);
    expect(drain().at(-1)).toBe(6);
  });

  it('goes on with the others when a segment is damaged', async () => {
    await spool.close();
    await open({ segmentBytes: 100, maxBytes: 1_000_000 });
    await fill(20);
    const path = join(folder, String(files()[1]));
    const bytes = readFileSync(path);
    bytes[20] = (bytes[20] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    const all = drain();
    expect(all[0]).toBe(1);
    expect(all.at(-1)).toBe(20);
    expect(all.length).toBeLessThan(20);
    expect(all.length).toBeGreaterThan(10);
  });
});
