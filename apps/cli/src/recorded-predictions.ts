import type { BatonEvent } from '@baton/contracts';
import type { Connection } from '@baton/client';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { PredictionRecord } from './sequence-audit.js';

/** Joining a group and finding its first record takes a client a while. */
const FIRST_RECORD_MS = 15_000;
const LOOK_EVERY_MS = 100;
/** An app is never imported by another; its programs are run. */
const listSpool = fileURLToPath(new URL('../../inference/dist/prediction-log/list-spool.js', import.meta.url));

/**
 * Gives every `prediction.logged` that Kafka has now, at least once. Its end is a time without any.
 * @throws when Kafka is away
 */
export async function readLoggedPredictions(
  kafka: Connection['kafka'],
  settleMs: number,
  onRecord: (record: PredictionRecord) => void,
): Promise<void> {
  // Kafka's client is loaded by the commands that use it: the others answer sooner.
  const { tailEvents } = await import('@baton/messaging');
  const end = new AbortController();
  let quietAt = Date.now() + Math.max(settleMs, FIRST_RECORD_MS);
  const tail = tailEvents(
    { ...kafka, types: ['prediction.logged'], fromBeginning: true, signal: end.signal },
    (event) => {
      quietAt = Date.now() + settleMs;
      const record = toRecord(event);
      if (record) onRecord(record);
    },
  );
  const settled = async () => {
    while (Date.now() < quietAt && !end.signal.aborted) await pause(LOOK_EVERY_MS);
  };
  try {
    await Promise.race([tail, settled()]);
  } finally {
    end.abort();
  }
  await tail;
}

function toRecord(event: BatonEvent): PredictionRecord | undefined {
  if (event.type !== 'prediction.logged' || event.data === null) return undefined;
  const { replica, sequence, prediction, endpoint, version } = (event as BatonEvent<'prediction.logged'>).data ?? {};
  if (!replica || !sequence || !prediction || !endpoint || !version) return undefined;
  return { replica, sequence, prediction, endpoint, version };
}

/** Gives every record in a replica's spool, shipped or not. @throws Error with what the program says when it fails */
export async function readSpool(folder: string, onRecord: (record: PredictionRecord) => void): Promise<void> {
  if (!existsSync(listSpool)) throw new Error('reading a spool needs the compiled inference service: npm run compile');
  const child = spawn(process.execPath, [listSpool, folder], { stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = once(child, 'close') as Promise<[number | null]>;
  let said = '';
  child.stderr.on('data', (text) => (said += String(text)));
  for await (const line of createInterface({ input: child.stdout })) onRecord(JSON.parse(line) as PredictionRecord);
  const [code] = await closed;
  if (code !== 0) throw new Error(`the spool ${folder} could not be read: ${said.trim().slice(0, 1000)}`);
}
