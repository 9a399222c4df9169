import type { Caller } from '@baton/access';
import { Database } from '@baton/database';
import { invalidRequest } from '@baton/service';
import { createLogger } from '@baton/telemetry';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ArtifactStore } from '../artifacts/artifact-store.js';
import { RegistryConfig } from '../config.js';
import { PushService } from './push.service.js';
import { discardUpload, receiveUpload } from './upload.js';
import type { Version } from './version.entity.js';
import { unusedDigests } from './versions.queries.js';

const log = createLogger('uploads');
const SMALL_PART_BYTES = 1024 * 1024;
const MAX_KEY = 200;

/** Pushes as they come over HTTP; what a push that failed has brought is removed. */
@Injectable()
export class UploadsService implements OnApplicationBootstrap {
  constructor(
    private readonly config: RegistryConfig,
    private readonly store: ArtifactStore,
    private readonly pushes: PushService,
    private readonly database: Database,
  ) {}

  /** A process that died between keeping files and committing their version has left them behind. */
  onApplicationBootstrap(): void {
    this.sweep().catch((error: unknown) => log.warn('unused artifacts were not looked for', { error }));
  }

  /** @throws ServiceError 400, 409, 413, 415, 422 */
  async push(push: {
    readonly model: string;
    readonly caller: Caller;
    readonly request: FastifyRequest;
    readonly idempotencyKey?: string | undefined;
  }): Promise<{ version: Version; isNew: boolean }> {
    const { model, caller, request, idempotencyKey } = push;
    if (idempotencyKey !== undefined && (idempotencyKey === '' || idempotencyKey.length > MAX_KEY)) {
      throw invalidRequest([{ field: 'Idempotency-Key', message: `must have 1 to ${MAX_KEY} characters` }]);
    }
    const { maxModelBytes, maxReferenceBytes } = this.config;
    const limits = {
      model: maxModelBytes,
      reference: maxReferenceBytes,
      metrics: SMALL_PART_BYTES,
      signature: SMALL_PART_BYTES,
    };
    const upload = await receiveUpload(request, this.store, limits);
    try {
      return await this.pushes.push({ model, upload, caller, idempotencyKey });
    } finally {
      await discardUpload(upload, this.store);
    }
  }

  private async sweep(): Promise<void> {
    const digests = await this.store.digests();
    for (const digest of await unusedDigests(this.database.manager, digests)) {
      log.info('an artifact without a version is removed', { digest });
      await this.store.discard(this.store.pathOf(digest));
    }
  }
}
