import type { Caller } from '@baton/access';
import { invalidRequest } from '@baton/service';
import { createLogger } from '@baton/telemetry';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ArtifactStore } from '../artifacts/artifact-store.js';
import { RegistryConfig } from '../config.js';
import { ArtifactSweep } from './artifact-sweep.js';
import { PushService } from './push.service.js';
import { discardUpload, receiveUpload, type Upload } from './upload.js';
import type { Version } from './version.entity.js';

const log = createLogger('uploads');
const SMALL_PART_BYTES = 1024 * 1024;
const MAX_KEY = 200;

/** Pushes as they come over HTTP; what a push that failed has brought is removed. */
@Injectable()
export class UploadsService {
  constructor(
    private readonly config: RegistryConfig,
    private readonly store: ArtifactStore,
    private readonly pushes: PushService,
    private readonly artifacts: ArtifactSweep,
  ) {}

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
    const upload = await receiveUpload(request, this.store, this.limits());
    try {
      return await this.pushes.push({ model, upload, caller, idempotencyKey });
    } catch (error) {
      await this.takeBack(upload);
      throw error;
    } finally {
      await discardUpload(upload, this.store);
    }
  }

  /** A commit that failed leaves files that were kept for it. */
  private async takeBack({ files }: Upload): Promise<void> {
    const digests = Object.values(files).map(({ digest }) => digest);
    try {
      const sizes = await Promise.all(digests.map((digest) => this.store.sizeOf(digest)));
      if (sizes.every((size) => size === undefined)) return;
      await this.artifacts.sweep(digests);
    } catch (error) {
      log.warn('files of a failed push may stay until the next start', { error });
    }
  }

  private limits() {
    const { maxModelBytes, maxReferenceBytes } = this.config;
    return {
      model: maxModelBytes,
      reference: maxReferenceBytes,
      metrics: SMALL_PART_BYTES,
      signature: SMALL_PART_BYTES,
    };
  }
}
