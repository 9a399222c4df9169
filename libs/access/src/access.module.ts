import { Module, type DynamicModule } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { AccessGuard } from './access-guard.js';
import { Gatekeeper } from './gatekeeper.js';
import { KeyFollower } from './key-follower.js';
import { KeyRing } from './key-ring.js';
import { KeySnapshot } from './key-snapshot.js';
import { RouteCheck } from './route-check.js';

export interface AccessOptions {
  readonly keyring?: {
    /** Keeps the keys on disk, readable by the owner alone, for a start while Kafka is away. */
    readonly snapshotFile?: string;
  };
}

/** Who may do what. Needs `MessagingModule`, from which the access keys come. */
@Module({})
export class AccessModule {
  static forService(options: AccessOptions = {}): DynamicModule {
    return {
      module: AccessModule,
      global: true,
      imports: [DiscoveryModule],
      providers: [
        KeyRing,
        Gatekeeper,
        { provide: KeySnapshot, useFactory: () => new KeySnapshot(options.keyring?.snapshotFile) },
        KeyFollower,
        RouteCheck,
        AccessGuard,
        { provide: APP_GUARD, useExisting: AccessGuard },
      ],
      exports: [KeyRing, Gatekeeper],
    };
  }
}
