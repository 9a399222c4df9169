import { loadPrivateKey, loadPublicKey } from '@baton/signing';
import { Injectable } from '@nestjs/common';
import type { KeyObject } from 'node:crypto';
import { DeploymentConfig } from './config.js';

/** The key that plans are signed with, and the keys that approvals are checked against. Read once, at the start. */
@Injectable()
export class SigningKeys {
  readonly plan: KeyObject;
  readonly registry: readonly KeyObject[];

  constructor(config: DeploymentConfig) {
    this.plan = loadPrivateKey(config.signingKeyFile);
    this.registry = [loadPublicKey(config.trustedRegistryKeyFile)];
  }
}
