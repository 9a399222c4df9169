import type { BatchContext, BatonEventAt, IdleContext } from '@baton/messaging';
import type { Transaction } from '@baton/database';
import { counter } from '@baton/telemetry';
import { Injectable } from '@nestjs/common';
import { MonitoringConfig } from '../config.js';
import { PartitionsService } from '../partitions/partitions.service.js';
import { ReplicasService } from '../replicas/replicas.service.js';
import { WatchedVersions } from '../windows/watched-versions.js';
import { WindowCollector } from '../windows/window-collector.js';
import { INSERT_PREDICTIONS } from './predictions.queries.js';
import { retentionLimit } from './retention.js';

const predictionsTotal = counter('predictions_logged_total', 'Records of the prediction log', ['outcome']);

type Logged = BatonEventAt<'prediction.logged'>;

/** Applies `prediction.logged`: everything a batch changes commits together, or nothing does. */
@Injectable()
export class PredictionLog {
  constructor(
    private readonly partitions: PartitionsService,
    private readonly replicas: ReplicasService,
    private readonly watchedVersions: WatchedVersions,
    private readonly windows: WindowCollector,
    private readonly config: MonitoringConfig,
  ) {}

  async apply(batch: Logged[], { tx, partition, atEnd, signal }: BatchContext): Promise<void> {
    // First, since it may wait for other topics: nobody should wait for this transaction meanwhile.
    const watched = await this.watchedVersions.resolve(
      tx,
      batch.map(({ data }) => data),
      signal,
    );
    await this.partitions.lock(tx, partition);
    const fresh = await this.insert(tx, partition, batch);
    const records = fresh.map(({ data }) => data);
    await this.replicas.count(tx, partition, records);
    await this.partitions.raiseWatermarks(tx, partition, records);
    await this.partitions.advance(tx, partition, { position: nextOffset(batch), atEnd });
    await this.windows.add(tx, partition, { events: fresh, watched });
    tx.afterCommit(() => {
      predictionsTotal.inc({ outcome: 'applied' }, fresh.length);
      predictionsTotal.inc({ outcome: 'duplicate' }, batch.length - fresh.length);
    });
  }

  async reachedEnd(partition: number, { tx, highWatermark }: IdleContext): Promise<void> {
    await this.partitions.advance(tx, partition, { position: highWatermark, atEnd: true });
  }

  /**
   * Those that weren't applied before. The prediction's row tells; where retention has deleted it, the last sequence
   * of the replica does. The sequence alone would not do: what comes back from the dead letters has a low one.
   */
  private async insert(tx: Transaction, partition: number, batch: Logged[]): Promise<Logged[]> {
    const replicas = [...new Set(batch.map(({ data }) => data.replica))];
    const last = await this.replicas.lastSequences(tx, partition, replicas);
    const limit = retentionLimit(new Date(), this.config.predictionRetentionDays);
    const candidates = batch.filter(({ data }) => {
      return data.sequence > (last.get(data.replica) ?? 0) || Date.parse(data.receivedAt) >= limit.getTime();
    });
    const rows = candidates.map(({ data, offset }) => ({ ...data, shadow: data.shadow ?? false, partition, offset }));
    const inserted = await tx.query<{ prediction: string }>(INSERT_PREDICTIONS, [JSON.stringify(rows)]);
    const ids = new Set(inserted.map(({ prediction }) => prediction));
    return candidates.filter(({ data }) => ids.delete(data.prediction));
  }
}

function nextOffset(batch: readonly Logged[]): string {
  return (BigInt(batch.at(-1)?.offset ?? '-1') + 1n).toString();
}
