import { Database } from '@baton/database';
import { createLogger } from '@baton/telemetry';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { MonitoringConfig } from '../config.js';
import { DELETE_OLD_PREDICTIONS } from './predictions.queries.js';
import { retentionLimit } from './retention.js';

const HOUR_MS = 3_600_000;
/** Small enough that a batch holds nobody up. */
const BATCH = 5000;

const logger = createLogger('retention');

/** Deletes prediction records that are older than their retention, once an hour. */
@Injectable()
export class RetentionJob implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    private readonly config: MonitoringConfig,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.run(), HOUR_MS);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Deletes all that is too old now. */
  async sweep(): Promise<number> {
    const limit = retentionLimit(new Date(), this.config.predictionRetentionDays);
    let deleted = 0;
    let batch: number;
    do {
      batch = await this.database.transaction(async (tx) => {
        return (await tx.query(DELETE_OLD_PREDICTIONS, [limit, BATCH])).length;
      });
      deleted += batch;
    } while (batch === BATCH);
    return deleted;
  }

  private async run(): Promise<void> {
    try {
      const deleted = await this.sweep();
      if (deleted > 0) logger.info('deleted old predictions', { deleted });
    } catch (error) {
      logger.warn('old predictions could not be deleted, the next hour tries again', { reason: String(error) });
    }
  }
}
