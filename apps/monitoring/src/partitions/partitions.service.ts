import { definitionOf } from '@baton/contracts';
import { Database, type Transaction } from '@baton/database';
import { Injectable } from '@nestjs/common';
import { watermarkOf, type PartitionProgress } from '../windows/closing-rule.js';
import { LOCK_PARTITION, PROGRESS_OF_ENDPOINT, RAISE_WATERMARKS, SAVE_PARTITION } from './partitions.queries.js';

interface ProgressRow {
  watermark: Date | null;
  atEnd: boolean | null;
  checkedAt: Date | null;
}

/** How far each partition of `prediction.logged` has been read, in offsets and in event time. */
@Injectable()
export class PartitionsService {
  /** What was at its end before this process began may have grown since. */
  private readonly startedAt = new Date();

  constructor(private readonly database: Database) {}

  /** Keeps a second consumer of the partition waiting until this transaction is over. */
  async lock(tx: Transaction, partition: number): Promise<void> {
    await tx.query(LOCK_PARTITION, [partition, new Date()]);
  }

  async advance(tx: Transaction, partition: number, to: { position: string; atEnd: boolean }): Promise<void> {
    await tx.query(SAVE_PARTITION, [partition, to.position, to.atEnd, new Date()]);
  }

  async raiseWatermarks(
    tx: Transaction,
    partition: number,
    predictions: readonly { endpoint: string; eventTime: string; receivedAt: string }[],
  ): Promise<void> {
    const latest = new Map<string, Date>();
    for (const prediction of predictions) {
      const known = latest.get(prediction.endpoint);
      const mark = watermarkOf(prediction);
      if (!known || known < mark) latest.set(prediction.endpoint, mark);
    }
    if (latest.size > 0) await tx.query(RAISE_WATERMARKS, [partition, [...latest.keys()], [...latest.values()]]);
  }

  /** Of every partition that the topic has, read or not. */
  async progressOf(endpoint: string): Promise<PartitionProgress[]> {
    const { partitions } = definitionOf('prediction.logged');
    const rows: ProgressRow[] = await this.database.manager.query(PROGRESS_OF_ENDPOINT, [endpoint, partitions]);
    return rows.map(({ watermark, atEnd, checkedAt }) => ({
      watermark: watermark ?? undefined,
      atEnd: (atEnd ?? false) && checkedAt !== null && checkedAt >= this.startedAt,
    }));
  }
}
