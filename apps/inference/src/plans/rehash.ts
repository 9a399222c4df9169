import { createLogger } from '@baton/telemetry';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { InferenceConfig } from '../config.js';
import { ArtifactCache } from '../models/artifact-cache.js';
import { IntegrityReports } from '../models/integrity-reports.js';
import { Endpoints } from './endpoints.js';

const log = createLogger('rehash');

/** Looks at the stored bytes of what is served from time to time; what is in memory was verified and serves on. */
@Injectable()
export class Rehash implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly config: InferenceConfig,
    private readonly endpoints: Endpoints,
    private readonly cache: ArtifactCache,
    private readonly reports: IntegrityReports,
  ) {}

  onApplicationBootstrap(): void {
    const every = this.config.rehashIntervalSeconds * 1000;
    this.timer = setInterval(() => {
      this.look().catch((error: unknown) => log.error('the stored artifacts could not be looked at', { error }));
    }, every);
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    for (const { wanted, served } of this.endpoints.all()) {
      for (const { route } of served?.models ?? []) {
        for (const file of route.files) {
          if (await this.cache.isIntact(file)) continue;
          const { model, version } = route;
          const reason = 'the bytes on the replica have changed and are fetched again';
          const subject = `artifact:${file.digest}`;
          this.reports.report({
            subject,
            kind: 'artifact',
            reason,
            expected: file.digest,
            endpoint: wanted.endpoint,
            model,
            version,
          });
        }
      }
    }
  }
}
