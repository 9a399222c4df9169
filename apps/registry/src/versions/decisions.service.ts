import { canSee, type Caller } from '@baton/access';
import { Database, type Transaction } from '@baton/database';
import { Outbox } from '@baton/messaging';
import { loadPrivateKey, signRelease } from '@baton/signing';
import { Injectable } from '@nestjs/common';
import type { KeyObject } from 'node:crypto';
import { RegistryConfig } from '../config.js';
import type { Model } from '../models/model.entity.js';
import { lockModel } from '../models/models.queries.js';
import { canMove } from './version-status.js';
import { Version } from './version.entity.js';
import { alreadyDecided, ownVersion, versionNotFound } from './versions.errors.js';
import { nextRevision } from './versions.queries.js';

export interface Decision {
  readonly model: string;
  readonly version: number;
  readonly caller: Caller;
  readonly reason?: string | undefined;
}

/** Approvals and rejections: by a second person, once, and for good. */
@Injectable()
export class DecisionsService {
  private readonly signingKey: KeyObject;

  constructor(
    private readonly database: Database,
    private readonly outbox: Outbox,
    config: RegistryConfig,
  ) {
    this.signingKey = loadPrivateKey(config.signingKeyFile);
  }

  /** @throws ServiceError 403 `own-version`, 404, 409 `already-decided` */
  approve(decision: Decision): Promise<Version> {
    return this.database.transaction(async (tx) => {
      const { version, model } = await this.undecided(tx, decision, 'approved');
      const decided = { ...decidedBy(decision), status: 'approved' as const };
      const attestation = this.attest(version, decided);
      Object.assign(version, decided, { attestation });
      await tx.manager.save(Version, version);
      const { project, digest, files, inputs, outputs, features, reference } = version;
      await this.outbox.publish(tx, 'model.approved', {
        ...{ model: model.name, project, version: version.version, revision: await nextRevision(tx, model), digest },
        ...{ files, inputs, outputs, features, attestation, approver: decided.decidedBy },
        ...(reference ? { reference } : {}),
        ...(decided.reason === null ? {} : { reason: decided.reason }),
        approvedAt: decided.decidedAt.toISOString(),
      });
      return version;
    });
  }

  /** @throws ServiceError 403 `own-version`, 404, 409 `already-decided` */
  reject(decision: Decision & { readonly reason: string }): Promise<Version> {
    return this.database.transaction(async (tx) => {
      const { version, model } = await this.undecided(tx, decision, 'rejected');
      const decided = { ...decidedBy(decision), status: 'rejected' as const };
      Object.assign(version, decided);
      await tx.manager.save(Version, version);
      const { project, digest } = version;
      await this.outbox.publish(tx, 'model.rejected', {
        ...{ model: model.name, project, version: version.version, revision: await nextRevision(tx, model), digest },
        ...{ rejectedBy: decided.decidedBy, reason: decision.reason, rejectedAt: decided.decidedAt.toISOString() },
      });
      return version;
    });
  }

  private async undecided(
    tx: Transaction,
    { model: name, version: number, caller }: Decision,
    to: 'approved' | 'rejected',
  ): Promise<{ version: Version; model: Model }> {
    const model = await lockModel(tx, name);
    const version = model && (await tx.manager.findOneBy(Version, { model: name, version: number }));
    if (!version || !canSee(caller, version.project)) throw versionNotFound(name, number);
    if (version.authorKey === caller.keyId || version.author === caller.name) throw ownVersion();
    if (!canMove(version.status, to)) throw alreadyDecided(version.status);
    return { version, model };
  }

  private attest(version: Version, decided: ReturnType<typeof decidedBy>) {
    const { model, project, digest, files } = version;
    const release = { model, version: version.version, project, digest, files, approver: decided.decidedBy };
    const said = {
      approvedAt: decided.decidedAt.toISOString(),
      ...(decided.reason === null ? {} : { reason: decided.reason }),
    };
    return signRelease({ ...release, ...said }, this.signingKey);
  }
}

function decidedBy({ caller, reason }: Decision) {
  return { decidedBy: caller.name, decidedAt: new Date(), reason: reason ?? null };
}
