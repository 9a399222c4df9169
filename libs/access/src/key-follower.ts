import type { BatonEvent } from '@baton/contracts';
import { Followers, type Follower } from '@baton/messaging';
import { Readiness } from '@baton/service';
import { createLogger } from '@baton/telemetry';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { KeyRing } from './key-ring.js';
import { KeySnapshot } from './key-snapshot.js';

const logger = createLogger('access');

/** Keeps the key ring as the topic `access.key` says, and a snapshot of it on disk. */
@Injectable()
export class KeyFollower implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy {
  private follower: Follower<'access.key'> | undefined;
  /** Keys of the snapshot that the topic has not named yet. */
  private readonly unconfirmed = new Set<string>();
  private hasKeys = false;
  private isCaughtUp = false;

  constructor(
    private readonly keys: KeyRing,
    private readonly snapshot: KeySnapshot,
    private readonly followers: Followers,
    private readonly readiness: Readiness,
  ) {}

  async onModuleInit(): Promise<void> {
    this.readiness.add('access-keys', () => (this.hasKeys ? undefined : 'the access keys have not been read yet'));
    await this.loadSnapshot();
  }

  /** Not before every part of the service agreed to start. */
  onApplicationBootstrap(): void {
    this.follower = this.followers.follow('access.key', (event) => this.apply(event));
    this.follower.caughtUp.then(
      () => this.complete(),
      (error: unknown) => logger.error('the access keys are not followed', { error }),
    );
  }

  async onModuleDestroy(): Promise<void> {
    await this.follower?.stop();
    await this.snapshot.flush();
  }

  private async loadSnapshot(): Promise<void> {
    const records = await this.snapshot.load();
    if (!records) return;
    for (const record of records) {
      this.keys.put(record);
      this.unconfirmed.add(record.id);
    }
    this.hasKeys = true;
  }

  private apply({ data, subject }: BatonEvent<'access.key'>): void {
    this.unconfirmed.delete(subject);
    if (data) this.keys.put(data);
    else this.keys.remove(subject);
    if (this.isCaughtUp) this.snapshot.save(() => this.keys.records());
  }

  /**
   * The topic was read from its start to its end. A key that only the snapshot knows was revoked so long ago that
   * compaction has removed even the revocation.
   */
  private complete(): void {
    for (const id of this.unconfirmed) this.keys.forget(id);
    this.unconfirmed.clear();
    this.isCaughtUp = true;
    this.hasKeys = true;
    // Only a complete ring is saved: half of one would lock the other half's owners out at the next start.
    this.snapshot.save(() => this.keys.records());
    this.keys.markCaughtUp();
  }
}
