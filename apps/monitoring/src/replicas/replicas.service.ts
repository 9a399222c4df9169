import type { Caller } from '@baton/access';
import { Database, type Transaction } from '@baton/database';
import { ServiceError } from '@baton/service';
import { Injectable } from '@nestjs/common';
import type { ReplicaLogResponse } from './replicas.dto.js';
import { COUNT_RECORDS, LAST_SEQUENCES, LOG_OF_REPLICA } from './replicas.queries.js';

interface SequencedRecord {
  replica: string;
  sequence: number;
}

/** Each replica's gap-free count of records, as far as it has arrived. */
@Injectable()
export class ReplicasService {
  constructor(private readonly database: Database) {}

  /** The last sequence seen of each replica on a partition. */
  async lastSequences(tx: Transaction, partition: number, replicas: readonly string[]): Promise<Map<string, number>> {
    const rows = await tx.query<{ replica: string; last: string }>(LAST_SEQUENCES, [partition, replicas]);
    return new Map(rows.map(({ replica, last }) => [replica, Number(last)]));
  }

  /** Counts records that were not seen before. */
  async count(tx: Transaction, partition: number, records: readonly SequencedRecord[]): Promise<void> {
    const logs = new Map<string, { last: number; received: number }>();
    for (const { replica, sequence } of records) {
      const log = logs.get(replica) ?? { last: 0, received: 0 };
      logs.set(replica, { last: Math.max(log.last, sequence), received: log.received + 1 });
    }
    const values = [...logs.values()];
    if (values.length === 0) return;
    await tx.query(COUNT_RECORDS, [
      partition,
      [...logs.keys()],
      values.map(({ last }) => last),
      values.map(({ received }) => received),
    ]);
  }

  /** A caller of one project sees the replicas that answered for it. */
  async log(replica: string, caller: Caller): Promise<ReplicaLogResponse> {
    const rows: { received: string; highest: string }[] = await this.database.manager.query(LOG_OF_REPLICA, [
      replica,
      caller.project,
    ]);
    const [row] = rows;
    if (!row) throw new ServiceError('replica-unknown', `nothing was logged by replica ${replica}`, { status: 404 });
    const [received, highest] = [Number(row.received), Number(row.highest)];
    return { replica, received, highest, missing: highest - received };
  }
}
