import { loadPublicKey } from '@baton/signing';
import { Injectable } from '@nestjs/common';
import type { KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { InferenceConfig } from './config.js';

/** Whose signatures count. They come by configuration, never by the topics that they are to verify. */
@Injectable()
export class TrustRoots {
  readonly registry: readonly KeyObject[];
  readonly deployment: readonly KeyObject[];

  constructor(private readonly config: InferenceConfig) {
    this.registry = [loadPublicKey(config.trustedRegistryKeyFile)];
    this.deployment = [loadPublicKey(config.trustedDeploymentKeyFile)];
    // A start without it would find out at the first download.
    this.serviceKey();
  }

  /** The replica's own access key. Read anew each time, so that it can be changed without a restart. */
  serviceKey(): string {
    return readFileSync(this.config.serviceKeyFile, 'utf8').trim();
  }
}
