import { setLogLevel } from '@baton/telemetry';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodePrediction } from './prediction-decoder.js';
import { PredictionEncoder } from './prediction-encoder.js';
import type { PredictionEntry } from './prediction-entry.js';
import { SegmentReader } from './segment-reader.js';
import { scanSegment } from './spool-frame.js';
import { shippedFile } from './spool-recovery.js';
import { segmentPath, segmentsIn } from './spool-segments.js';
import { Spool } from './spool.js';
import { someEntry } from './testing/entries.js';

const RECORDS = 288;
const SEGMENT_BYTES = 10_000;
/** Every cut is a start of the spool, with its syncs: they cost nothing in memory. */
const home = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'baton-power-'));
const original = join(home, 'original');
const copy = join(home, 'copy');

let last: number;
/** The first sequence that is not shipped. */
let first: number;
let frames: { readonly end: number; readonly start: number; readonly through: number; readonly count: number }[];
let size: number;

const open = (folder: string) => {
  const encoder = new PredictionEncoder('replica', Buffer.from('k'.repeat(32)));
  return Spool.open<PredictionEntry>(folder, {
    segmentBytes: SEGMENT_BYTES,
    maxBytes: 1_000_000,
    encode: (entry, group) => encoder.encode(entry, group),
  });
};
const idOf = (sequence: number) => `01890a5d-ac96-774b-bcce-${String(sequence).padStart(12, '0')}`;
const append = (spool: Spool<PredictionEntry>, prediction: string) =>
  new Promise<void>((done) => spool.append(someEntry({ prediction }), 'sync', done));

beforeAll(async () => {
  setLogLevel('error');
  cpSync(mkdtempSync(join(home, 'empty-')), original, { recursive: true });
  const spool = await open(original);
  for (let sequence = 1; sequence <= RECORDS; ) {
    // Groups of different sizes.
    const group = Array.from({ length: Math.min(5 + (sequence % 9), RECORDS - sequence + 1) }, () => sequence++);
    await Promise.all(group.map((one) => append(spool, idOf(one))));
  }
  // As a power cut would find it: nothing is closed.
  cpSync(original, copy, { recursive: true });
  await spool.close();
  rmSync(original, { recursive: true });
  cpSync(copy, original, { recursive: true });
  const segments = segmentsIn(original);
  expect(segments.length).toBeGreaterThan(3);
  [first, last] = segments.slice(-2) as [number, number];
  // The others have arrived, so that not all is to be copied at every byte.
  for (const older of segments.slice(0, -2)) rmSync(segmentPath(original, older));
  writeFileSync(shippedFile(original), String(first - 1));
  // Made at its full size ahead of time, as it is unless the segment before it filled up at once.
  truncateSync(segmentPath(original, last), SEGMENT_BYTES);
  const bytes = readFileSync(segmentPath(original, last));
  const scanned = scanSegment(bytes, last);
  size = scanned.end;
  frames = scanned.frames.map(({ first: begin, count, body }) => {
    const start = body.byteOffset - bytes.byteOffset - 32;
    return { start, end: start + 32 + body.length, through: begin + count - 1, count };
  });
});

afterAll(() => {
  setLogLevel('info');
  rmSync(home, { recursive: true });
});

/** Opens a copy of the spool with its last segment changed, adds one, and reads everything. */
async function reopened(change: (path: string) => void): Promise<Map<number, string>> {
  rmSync(copy, { recursive: true });
  cpSync(original, copy, { recursive: true });
  change(segmentPath(copy, last));
  const spool = await open(copy);
  await append(spool, 'new');
  const [reader, found] = [new SegmentReader(), new Map<number, string>()];
  for (let task = spool.nextTask(); task; task = spool.nextTask()) {
    for (let from = spool.shippedThrough + 1; ; from = spool.shippedThrough + 1) {
      const { records } = reader.next(task, from);
      for (const record of records) {
        const event = decodePrediction(record, (number) => reader.contextOf(number));
        const isRight = event?.data.endpoint === 'iris' && String(event.data.inputs[0]?.data) === '1.5,2.5,3.5,4.5';
        if (found.has(record.sequence)) throw new Error(`there are two ${record.sequence}`);
        found.set(record.sequence, isRight ? event.data.prediction : 'unreadable');
      }
      const end = records.at(-1)?.sequence;
      if (end === undefined) break;
      spool.ship(end);
    }
    if (!task.isWhole) spool.ship(task.through);
    spool.endTask(task);
  }
  await spool.close();
  return found;
}

/** Nothing that was not written, everything that must be there, and a new number for the new one. */
function check(found: Map<number, string>, there: (frame: (typeof frames)[number]) => boolean): void {
  const kept = frames.filter(there);
  const lost = new Set(
    frames.filter((frame) => !there(frame)).flatMap(({ through, count }) => upTo(through, through - count + 1)),
  );
  const next = Math.max(last, ...kept.map(({ through }) => through + 1));
  const must = upTo(RECORDS, first).flatMap((sequence) => (lost.has(sequence) ? [] : `${sequence} ${idOf(sequence)}`));
  expect([...found].map(([sequence, id]) => `${sequence} ${id}`).join()).toBe([...must, `${next} new`].join());
}

const upTo = (end: number, begin: number) => Array.from({ length: end - begin + 1 }, (_, index) => begin + index);

describe('a spool after a power cut', () => {
  it('was written over several segments, in groups', () => {
    expect(segmentsIn(original)).toEqual([first, last]);
    expect(frames.length).toBeGreaterThan(3);
    expect(size).toBeGreaterThan(1000);
    expect(size).toBeLessThan(5000);
    expect(size).toBeLessThan(readFileSync(segmentPath(original, last)).length);
  });

  it('has everything before the byte at which its last file was cut off', { timeout: 120_000 }, async () => {
    for (let length = 0; length <= size; length += 1) {
      check(await reopened((path) => truncateSync(path, length)), ({ end }) => end <= length);
    }
  });

  it('has everything before the byte from which on its last file is zeros', { timeout: 120_000 }, async () => {
    for (let from = 0; from <= size; from += 1) {
      const zeroed = (path: string) => writeFileSync(path, readFileSync(path).fill(0, from));
      // A frame whose last bytes are zeros is whole without them.
      const bytes = readFileSync(segmentPath(original, last)).fill(0, from);
      const whole = new Set(scanSegment(bytes, last).frames.map((frame) => frame.first + frame.count - 1));
      const found = await reopened(zeroed);
      check(found, ({ through }) => whole.has(through));
      for (const { end, through } of frames) if (end <= from) expect(whole.has(through)).toBe(true);
    }
  });

  it('has everything but the group with the byte that turned', { timeout: 120_000 }, async () => {
    for (let at = 0; at < size; at += 1) {
      const turn = (path: string) => {
        const bytes = readFileSync(path);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << at % 8);
        writeFileSync(path, bytes);
      };
      check(await reopened(turn), ({ start, end, count }) => count === 0 || at < start || at >= end);
    }
  });
});
