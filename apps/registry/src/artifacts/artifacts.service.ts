import { canSee, type Caller } from '@baton/access';
import { Database } from '@baton/database';
import { Outbox } from '@baton/messaging';
import { ServiceError } from '@baton/service';
import { createLogger } from '@baton/telemetry';
import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ArtifactStore } from './artifact-store.js';
import { ownersOf, type ArtifactOwner } from './artifacts.queries.js';

const log = createLogger('artifacts');

export interface ArtifactStream {
  readonly size: number;
  readonly stream: Readable;
}

/** Artifacts on their way out. */
@Injectable()
export class ArtifactsService {
  constructor(
    private readonly store: ArtifactStore,
    private readonly database: Database,
    private readonly outbox: Outbox,
  ) {}

  /**
   * The bytes of an artifact, hashed while they are read: a reader of bytes that do not fit never gets the last of
   * them, and `integrity.violated` says so.
   * @throws ServiceError 404, or 500 `artifact-missing` when the store has lost it; the stream fails with
   *   `artifact-corrupt`, which a reader of a small file gets as a 500
   */
  async open(digest: string, caller: Caller): Promise<ArtifactStream> {
    const owners = await ownersOf(this.database.manager, digest);
    const owner = owners.find(({ project }) => canSee(caller, project));
    if (!owner) throw new ServiceError('artifact-not-found', `there is no artifact ${digest}`, { status: 404 });
    const size = await this.store.sizeOf(digest);
    if (size === undefined) {
      await this.violated(owner, digest, 'the file is missing from the store');
      throw new ServiceError('artifact-missing', `the artifact ${digest} is missing from the store`, { status: 500 });
    }
    const checked = this.checking(owner, digest);
    pipeline(this.store.read(digest), checked).catch((error: unknown) => log.warn('a download ended early', { error }));
    return { size, stream: checked };
  }

  /** Passes everything on but the last piece, which waits for the digest. */
  private checking(owner: ArtifactOwner, digest: string): Transform {
    const hash = createHash('sha256');
    let last: Buffer | undefined;
    return new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        hash.update(chunk);
        done(null, last);
        last = chunk;
      },
      flush: (done) => {
        const actual = hash.digest('hex');
        if (actual === digest) {
          done(null, last);
          return;
        }
        const failed = new ServiceError('artifact-corrupt', `the artifact ${digest} has other bytes: ${actual}`, {
          status: 500,
        });
        this.violated(owner, digest, 'the stored bytes do not fit their digest', actual).then(
          () => done(failed),
          () => done(failed),
        );
      },
    });
  }

  private async violated(owner: ArtifactOwner, digest: string, reason: string, actual?: string): Promise<void> {
    const { model, version } = owner;
    log.error('an artifact does not fit its digest', { digest, reason, actual });
    await this.database.transaction((tx) =>
      this.outbox.publish(tx, 'integrity.violated', {
        subject: `artifact:${digest}`,
        kind: 'artifact',
        reason,
        expected: digest,
        ...(actual ? { actual } : {}),
        model,
        version,
        detectedBy: 'registry',
        detectedAt: new Date().toISOString(),
      }),
    );
  }
}
