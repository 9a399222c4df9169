import { setLogLevel } from '@baton/telemetry';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PredictionEvent } from './prediction-decoder.js';
import { PredictionEncoder } from './prediction-encoder.js';
import type { PredictionEntry } from './prediction-entry.js';
import { Shipping, type ShippingOptions } from './shipping.js';
import { droppedRecords } from './spool-writer.js';
import { Spool } from './spool.js';
import { someEntry } from './testing/entries.js';

/** A shipper that carries a task out in no time, or dies of it. */
const thread = (folder: string) => `
import { appendFileSync, existsSync, rmSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
appendFileSync('${folder}/starts', workerData.givesWay ? 'calm ' : 'hurried ');
parentPort.on('message', ({ kind, task }) => {
  if (kind === 'stop') return parentPort.close();
  if (existsSync('${folder}/deadly')) { rmSync('${folder}/deadly'); throw new Error('as was asked for'); }
  appendFileSync('${folder}/tasks', task.from + '-' + task.through + ' ');
  if (existsSync('${folder}/away')) return;
  parentPort.postMessage({ kind: 'shipped', through: task.through });
  parentPort.postMessage({ kind: 'end', task });
});`;

class FakeProducer {
  readonly events: PredictionEvent[] = [];
  fail = false;

  send(events: readonly unknown[], signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.fail) return Promise.reject(new Error('Kafka is away'));
    this.events.push(...(events as PredictionEvent[]));
    return Promise.resolve();
  }
}

let folder: string;
let spool: Spool<PredictionEntry>;
let shipping: Shipping;
let producer: FakeProducer;

const settingsIn = (home: string) => ({
  folder: join(home, 'spool'),
  brokers: [],
  prefix: '',
  logLevel: 'error',
  firstPauseMs: 20,
});

async function start(options: Partial<ShippingOptions> = {}, sizes = { segmentBytes: 4096, maxBytes: 1_000_000 }) {
  const encoder = new PredictionEncoder('replica', Buffer.from('k'.repeat(32)));
  const spoolFolder = join(folder, 'spool');
  spool = await Spool.open<PredictionEntry>(spoolFolder, {
    ...sizes,
    encode: (entry, group) => encoder.encode(entry, group),
    onStable: () => shipping.more(),
  });
  shipping = new Shipping(spool, producer, { ...settingsIn(folder), ...options });
  shipping.start();
}

const append = async (count: number) => {
  for (let index = 0; index < count; index += 1) {
    await new Promise<void>((done) => spool.append(someEntry(), 'sync', done));
  }
};

async function until(fits: () => boolean): Promise<void> {
  for (const end = Date.now() + 5000; !fits(); await pause(5)) if (Date.now() > end) throw new Error('it never came');
}

const sequences = () => producer.events.map(({ data }) => data.sequence);
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

beforeEach(() => {
  setLogLevel('error');
  folder = mkdtempSync(join(tmpdir(), 'baton-shipping-'));
  producer = new FakeProducer();
  mkdirSync(join(folder, 'spool'));
});
afterEach(async () => {
  setLogLevel('info');
  await shipping.stop(0);
  await spool.close();
  rmSync(folder, { recursive: true });
});

describe('shipping on this thread', () => {
  it('ships everything once and in order, over segments and restarts', async () => {
    await start();
    await append(60);
    await until(() => sequences().length === 60);
    await shipping.stop(1000);
    await append(5);
    await spool.close();
    await start();
    await append(5);
    await until(() => sequences().length === 70);
    expect(sequences()).toEqual(upTo(70));
    expect(producer.events[0]?.data).toMatchObject({ endpoint: 'iris', inputs: [{ data: [1.5, 2.5, 3.5, 4.5] }] });
  });

  it('waits while Kafka is away, and loses nothing', async () => {
    await start();
    producer.fail = true;
    await append(10);
    expect(spool.waiting).toBe(10);
    producer.fail = false;
    await until(() => sequences().length >= 10);
    expect(sequences()).toEqual(upTo(10));
  });

  it('goes on when it cannot note what has arrived, and counts nothing as lost', async () => {
    const { values } = await droppedRecords.get();
    mkdirSync(join(folder, 'spool', 'shipped.part'));
    await start();
    for (let round = 0; round < 5; round += 1) {
      await append(10);
      await until(() => sequences().length === 10 * (round + 1));
    }
    expect(sequences()).toEqual(upTo(50));
    expect((await droppedRecords.get()).values).toEqual(values);
  });

  it('lets what is waiting arrive before it stops', async () => {
    await start();
    await append(10);
    await shipping.stop(1000);
    expect(sequences()).toEqual(upTo(10));
  });
});

describe('shipping on a thread of its own', () => {
  let program: string;
  const file = (name: string) => readFileSync(join(folder, name), 'utf8').trim().split(' ');

  beforeEach(() => {
    program = join(folder, 'thread.mjs');
    writeFileSync(program, thread(folder));
  });

  it('gives it what is stable', async () => {
    await start({ program });
    await append(20);
    await until(() => spool.waiting === 0);
    expect(file('starts')).toEqual(['calm']);
    expect(file('tasks').at(-1)).toMatch(/-20$/);
  });

  it('starts it again when it dies, and gives it the same', async () => {
    writeFileSync(join(folder, 'deadly'), '');
    await start({ program });
    await append(20);
    await until(() => spool.waiting === 0);
    expect(file('starts')).toEqual(['calm', 'calm']);
    expect(file('tasks')[0]).toMatch(/^1-/);
  });

  it('takes one that does not give way while the spool is full, and one that does once it is empty', async () => {
    await start({ program }, { segmentBytes: 2000, maxBytes: 40_000 });
    await shipping.stop(0);
    await append(100);
    shipping = new Shipping(spool, producer, { ...settingsIn(folder), program });
    shipping.start();
    await until(() => spool.waiting === 0);
    await append(1);
    await until(() => spool.waiting === 0);
    expect(file('starts').slice(-2)).toEqual(['hurried', 'calm']);
  });

  it('turns to it when the spool fills while it gives way', async () => {
    writeFileSync(join(folder, 'deadly'), '');
    await start({ program, firstPauseMs: 500 }, { segmentBytes: 2000, maxBytes: 40_000 });
    await append(100);
    await until(() => spool.waiting === 0);
    expect(file('starts').slice(0, 2)).toEqual(['calm', 'hurried']);
  });
});
