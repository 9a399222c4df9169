import { Database } from '@baton/database';
import { createLogger } from '@baton/telemetry';
import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { MonitoringConfig } from '../config.js';
import { PartitionsService } from '../partitions/partitions.service.js';
import { mayClose, type OpenWindow, type PartitionProgress } from './closing-rule.js';
import { WindowCloser, type WindowKey } from './window-closer.js';
import { OPEN_AND_DUE } from './windows.queries.js';

const INTERVAL_MS = 500;

const logger = createLogger('windows');

/** Looks for windows that may close. Every instance does; the lock on a window's row lets one of them close it. */
@Injectable()
export class ClosingJob implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly database: Database,
    private readonly partitions: PartitionsService,
    private readonly closer: WindowCloser,
    private readonly config: MonitoringConfig,
  ) {}

  onApplicationBootstrap(): void {
    this.schedule();
  }

  /** A window that is being closed is closed before the database goes. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private schedule(): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.running = this.run().finally(() => this.schedule());
    }, INTERVAL_MS);
  }

  private async run(): Promise<void> {
    try {
      await this.closeDue();
    } catch (error) {
      logger.warn('windows could not be closed now, trying again', { reason: String(error) });
    }
  }

  private async closeDue(): Promise<void> {
    const clock = { now: new Date(), idleMs: this.config.windowIdleSeconds * 1000 };
    const rows: (WindowKey & Omit<OpenWindow, 'closedAt'> & { closedAt: Date | null })[] =
      await this.database.manager.query(OPEN_AND_DUE, [clock.now]);
    const progress = new Map<string, PartitionProgress[]>();
    for (const { closedAt, ...window } of rows) {
      const { endpoint } = window;
      const partitions = progress.get(endpoint) ?? (await this.partitions.progressOf(endpoint));
      progress.set(endpoint, partitions);
      if (this.stopped) return;
      if (mayClose({ ...window, closedAt: closedAt ?? undefined }, partitions, clock)) await this.closer.close(window);
    }
  }
}
