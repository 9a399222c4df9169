import { Database } from '@baton/database';
import { createLogger } from '@baton/telemetry';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { ArtifactStore } from '../artifacts/artifact-store.js';
import { untilDone } from '../until-done.js';
import { letNobodyKeep, unusedDigests } from './versions.queries.js';

const log = createLogger('artifact-sweep');
/** A process that dies leaves the few files of the pushes that it was committing. */
const MAX_SWEPT = 12;

/** Removes artifacts that no version has: those of a process that died between keeping them and its commit. */
@Injectable()
export class ArtifactSweep implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly stopping = new AbortController();
  /** Resolves when the sweep of the start is over. */
  done: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: ArtifactStore,
    private readonly database: Database,
  ) {}

  onApplicationBootstrap(): void {
    const all = async () => this.sweep(await this.store.digests());
    this.done = untilDone('the sweep of the artifacts', all, this.stopping.signal);
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    await this.done;
  }

  /** Removes those of the artifacts that no version has. */
  async sweep(digests: readonly string[]): Promise<void> {
    await this.database.transaction(async (tx) => {
      await letNobodyKeep(tx);
      const unused = await unusedDigests(tx, digests);
      if (unused.length > MAX_SWEPT) {
        log.error('many artifacts have no version and stay: is this the right database?', { count: unused.length });
        return;
      }
      for (const digest of unused) {
        log.info('an artifact without a version is removed', { digest });
        await this.store.discard(this.store.pathOf(digest));
      }
    });
  }
}
