import { Database, Transaction } from '@baton/database';
import { definitionOf, type EventType } from '@baton/contracts';
import { crashPoint } from './crash-point.js';

const DAY_MS = 86_400_000;
const CLEAN_EVERY_MS = 3_600_000;
/** Kafka deletes whole segments: a record may outlive its retention by the week in which its segment was filled. */
const SEGMENT_MS = 8 * DAY_MS;
const CLAIM = `insert into inbox (consumer, event_id) select $1, unnest($2::uuid[])
  on conflict do nothing returning event_id as id`;
const CLEAN = `delete from inbox where consumer = $1 and received_at < now() - $2 * interval '1 millisecond'`;

/**
 * Notes events as applied and answers the ids that are new. Another transaction that is applying one of them right now
 * is waited for, so two owners of a partition can't both apply an event.
 */
export async function claim(tx: Transaction, consumer: string, ids: readonly string[]): Promise<Set<string>> {
  crashPoint('consume.before-inbox');
  const rows = await tx.query<{ id: string }>(CLAIM, [consumer, ids]);
  return new Set(rows.map(({ id }) => id));
}

/** Takes claims back whose events this transaction won't apply after all. */
export async function unclaim(tx: Transaction, consumer: string, ids: readonly string[]): Promise<void> {
  await tx.query('delete from inbox where consumer = $1 and event_id = any($2::uuid[])', [consumer, ids]);
}

/**
 * Removes, now and then, rows of events that Kafka itself no longer has: such an event can't come again. Rows of a
 * compacted topic stay, as its records do. The first time is an hour after the start: by then a consumer that was away
 * for long has seen again what it had not committed.
 */
export function keepInboxSmall(database: Database, type: EventType, consumer: string): () => void {
  const { retentionMs } = definitionOf(type);
  if (retentionMs === 'compacted') return () => undefined;
  const clean = async () => {
    await database.manager.query(CLEAN, [consumer, retentionMs + SEGMENT_MS]);
  };
  // The next round does what this one could not.
  const timer = setInterval(() => void clean().catch(() => undefined), CLEAN_EVERY_MS).unref();
  return () => {
    clearInterval(timer);
  };
}
