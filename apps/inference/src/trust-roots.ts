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
  /** The replica's own access key. */
  readonly serviceKey: string;

  constructor(config: InferenceConfig) {
    this.registry = [loadPublicKey(config.trustedRegistryKeyFile)];
    this.deployment = [loadPublicKey(config.trustedDeploymentKeyFile)];
    this.serviceKey = readFileSync(config.serviceKeyFile, 'utf8').trim();
  }
}
