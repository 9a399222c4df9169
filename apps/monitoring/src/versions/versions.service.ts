import type { DeploymentStep, ModelApproved, ModelRegistered } from '@baton/contracts';
import type { Transaction } from '@baton/database';
import { Injectable } from '@nestjs/common';
import { ReferencesService } from '../references/references.service.js';
import type { VersionSignature } from '../windows/feature-columns.js';
import { SAVE_DEPLOYMENT, SAVE_VERSION, SIGNATURE_OF_VERSION } from './versions.queries.js';

/** What has to be known of a version to watch it. */
export interface WatchedVersion extends VersionSignature {
  /** SHA-256 of the reference rows. */
  reference: string | null;
}

/** Copies of what the registry and the deployment service said, so that nobody has to be asked. */
@Injectable()
export class VersionsService {
  constructor(private readonly references: ReferencesService) {}

  async registered(tx: Transaction, fact: ModelRegistered): Promise<void> {
    await this.save(tx, fact, {
      registeredBy: fact.author,
      registeredAt: fact.registeredAt,
      metrics: fact.metrics,
      signer: fact.signer,
    });
  }

  async approved(tx: Transaction, fact: ModelApproved): Promise<void> {
    await this.save(tx, fact, { approvedBy: fact.approver, approvedAt: fact.approvedAt, approvalReason: fact.reason });
  }

  async deployment(
    tx: Transaction,
    step: DeploymentStep,
    at: { requestedAt?: string; deployedAt?: string },
  ): Promise<void> {
    const { deployment, endpoint, project, model, version, digest, requestedBy } = step;
    await tx.query(SAVE_DEPLOYMENT, [
      ...[deployment, endpoint, project, model, version, digest, requestedBy],
      ...[at.requestedAt ?? null, at.deployedAt ?? null],
    ]);
  }

  /** Undefined when the registry hasn't told of the version yet. */
  async signatureOf(tx: Transaction, model: string, version: number): Promise<WatchedVersion | undefined> {
    const [row] = await tx.query<WatchedVersion>(SIGNATURE_OF_VERSION, [model, version]);
    return row;
  }

  private async save(tx: Transaction, fact: ModelRegistered | ModelApproved, known: KnownParts): Promise<void> {
    const reference = fact.reference?.digest;
    await tx.query(SAVE_VERSION, [
      ...[fact.model, fact.version, fact.project, fact.digest],
      ...[fact.inputs, fact.outputs, fact.features].map((value) => JSON.stringify(value)),
      reference ?? null,
      known.metrics ? JSON.stringify(known.metrics) : null,
      known.signer ?? null,
      ...[known.registeredBy ?? null, known.registeredAt ?? null],
      ...[known.approvedBy ?? null, known.approvedAt ?? null, known.approvalReason ?? null],
    ]);
    if (reference) tx.afterCommit(() => this.references.prefetch(reference));
  }
}

interface KnownParts {
  registeredBy?: string;
  registeredAt?: string;
  metrics?: Record<string, number>;
  signer?: string;
  approvedBy?: string;
  approvedAt?: string;
  approvalReason?: string;
}
