import { createLogger } from '@baton/telemetry';
import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { DeploymentConfig } from '../config.js';
import { RolloutProgress } from './rollout-progress.js';

const logger = createLogger('rollouts');

/** Looks at the running rollouts from time to time, and at once when somebody has news. */
@Injectable()
export class RolloutClock implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private hasNews = false;
  private isFailing = false;

  constructor(
    private readonly progress: RolloutProgress,
    private readonly config: DeploymentConfig,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.wake(), this.config.rolloutCheckMs);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    this.timer = undefined;
    await this.looking;
  }

  /** Looks soon. News that come while it looks are looked at again. */
  wake(): void {
    if (this.timer === undefined) return;
    this.hasNews = true;
    this.looking ??= this.look().finally(() => (this.looking = undefined));
  }

  private async look(): Promise<void> {
    while (this.hasNews) {
      this.hasNews = false;
      const failures: unknown[] = [];
      const ids = await this.progress.loading().catch((error: unknown) => {
        failures.push(error);
        return [];
      });
      for (const id of ids) await this.progress.advance(id).catch((error: unknown) => failures.push(error));
      this.tell(failures);
    }
  }

  /** The next tick tries again, so one line is enough for an outage. */
  private tell(failures: readonly unknown[]): void {
    const [error] = failures;
    if (failures.length > 0 && !this.isFailing) logger.warn('rollouts do not advance now, trying again', { error });
    this.isFailing = failures.length > 0;
  }
}
