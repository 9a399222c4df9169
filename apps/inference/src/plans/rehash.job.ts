import { createLogger } from '@baton/telemetry';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { InferenceConfig } from '../config.js';
import { ArtifactCache } from '../models/artifact-cache.js';
import { Endpoints } from './endpoints.js';

const log = createLogger('rehash');

/** Looks at the stored bytes of what is served from time to time; what is in memory was verified and serves on. */
@Injectable()
export class RehashJob implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private isLooking = false;

  constructor(
    private readonly config: InferenceConfig,
    private readonly endpoints: Endpoints,
    private readonly cache: ArtifactCache,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.look(), this.config.rehashIntervalSeconds * 1000);
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    if (this.isLooking) return;
    this.isLooking = true;
    const routes = this.endpoints.all().flatMap(({ served }) => served?.plan.routes ?? []);
    const files = new Map(routes.flatMap(({ files: all }) => all.map((file) => [file.digest, file])));
    for (const file of files.values()) {
      await this.cache.check(file).catch((error: unknown) => {
        log.warn('a stored artifact could not be looked at or fetched', { digest: file.digest, error });
      });
    }
    this.isLooking = false;
  }
}
