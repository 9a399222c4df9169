import { canSee, type Caller } from '@baton/access';
import { NAME_PATTERN, type FileRecord } from '@baton/contracts';
import { Database, isUniqueViolation, type Transaction } from '@baton/database';
import { Outbox } from '@baton/messaging';
import { invalidRequest } from '@baton/service';
import { rootDigest } from '@baton/signing';
import { Injectable } from '@nestjs/common';
import { AdmissionService, type AdmittedModel } from '../admission/admission.service.js';
import { ArtifactStore, type ReceivedFile } from '../artifacts/artifact-store.js';
import { modelNameTaken } from '../models/models.errors.js';
import { createAndLockModel } from '../models/models.queries.js';
import { readMetrics } from './metrics-file.js';
import { namedFeatures } from './named-features.js';
import { Push } from './push.entity.js';
import { referenceColumns } from './reference-table.js';
import { SignerService } from './signer.service.js';
import { partNames, type Upload } from './upload.js';
import { Version } from './version.entity.js';
import { idempotencyKeyReused } from './versions.errors.js';
import { letNobodySweep, nextRevision } from './versions.queries.js';

const DEFAULT_PROJECT = 'default';

export interface PushRequest {
  readonly model: string;
  readonly upload: Upload;
  readonly caller: Caller;
  readonly idempotencyKey?: string | undefined;
}

/** Everything of a version that follows from what was uploaded. */
type Examined = AdmittedModel &
  Pick<Version, 'digest' | 'files' | 'features' | 'reference' | 'signature' | 'metrics' | 'signer'> & {
    readonly content: string;
  };

/** Makes versions of what is pushed. */
@Injectable()
export class PushService {
  constructor(
    private readonly database: Database,
    private readonly outbox: Outbox,
    private readonly store: ArtifactStore,
    private readonly admission: AdmissionService,
    private readonly signers: SignerService,
  ) {}

  /**
   * Registers a version, or gives the one that an earlier push with the same idempotency key has made.
   * @throws ServiceError 409, 422
   */
  async push(request: PushRequest): Promise<{ version: Version; isNew: boolean }> {
    const project = projectOf(request);
    const examined = await this.examine(request.upload);
    return this.database.transaction(async (tx) => {
      const model = await createAndLockModel(tx, request.model, project);
      if (model.project !== project) throw modelNameTaken(request.model);
      const earlier = await this.earlierPush(tx, request, examined.content);
      if (earlier) return { version: earlier, isNew: false };
      model.latestVersion += 1;
      const version = newVersion(request, project, model.latestVersion, examined);
      await tx.manager.insert(Version, version);
      await this.remember(tx, request, version, examined.content);
      await this.publish(tx, version, await nextRevision(tx, model));
      await this.keep(tx, request.upload);
      return { version, isNew: true };
    });
  }

  private async examine({ files }: Upload): Promise<Examined> {
    const model = fileRecord('model.onnx', files.model);
    if (!files.model || !model) throw invalidRequest([{ field: 'model', message: 'is missing' }]);
    const signer = await this.signers.signerOf([model], files.signature?.path);
    const columns = files.reference ? await referenceColumns(files.reference.path) : [];
    const metrics = files.metrics ? await readMetrics(files.metrics.path) : null;
    const admitted = await this.admission.admit(files.model.path);
    return {
      ...admitted,
      digest: rootDigest([model]),
      files: [model],
      features: namedFeatures(admitted.inputs, columns),
      reference: fileRecord('reference.csv', files.reference) ?? null,
      signature: fileRecord('model.onnx.sig', files.signature) ?? null,
      metrics,
      signer: signer ?? null,
      content: partNames
        .map((part) => files[part])
        .map((file) => file?.digest ?? '')
        .join(' '),
    };
  }

  private async earlierPush(tx: Transaction, request: PushRequest, content: string): Promise<Version | undefined> {
    const { idempotencyKey, caller, model } = request;
    if (idempotencyKey === undefined) return undefined;
    const push = await tx.manager.findOneBy(Push, { keyId: caller.keyId, idempotencyKey });
    if (!push) return undefined;
    if (push.model !== model || push.content !== content) throw idempotencyKeyReused();
    return tx.manager.findOneByOrFail(Version, { model, version: push.version });
  }

  private async remember(tx: Transaction, request: PushRequest, { model, version }: Version, content: string) {
    const { idempotencyKey, caller } = request;
    if (idempotencyKey === undefined) return;
    const createdAt = new Date();
    const push = { keyId: caller.keyId, idempotencyKey, model, version, content, createdAt };
    await tx.manager.insert(Push, push).catch((error: unknown) => {
      // A push of another model, at the same moment.
      throw isUniqueViolation(error, 'pushes_pkey') ? idempotencyKeyReused() : error;
    });
  }

  private async publish(tx: Transaction, version: Version, revision: number): Promise<void> {
    const { model, project, digest, files, inputs, outputs, opset, features, author, registeredAt } = version;
    await this.outbox.publish(tx, 'model.registered', {
      ...{
        model,
        project,
        version: version.version,
        revision,
        digest,
        files,
        inputs,
        outputs,
        opset,
        features,
        author,
      },
      ...(version.reference ? { reference: version.reference } : {}),
      ...(version.metrics ? { metrics: version.metrics } : {}),
      ...(version.signer ? { signer: version.signer } : {}),
      registeredAt: registeredAt.toISOString(),
    });
  }

  /** Just before the commit: a version never lacks its files, and files without a version are swept. */
  private async keep(tx: Transaction, { files }: Upload): Promise<void> {
    await letNobodySweep(tx);
    for (const file of [files.model, files.reference, files.signature]) if (file) await this.store.keep(file);
  }
}

function projectOf({ upload, caller }: PushRequest): string {
  const project = upload.project ?? caller.project ?? DEFAULT_PROJECT;
  if (!NAME_PATTERN.test(project)) throw invalidRequest([{ field: 'project', message: 'is no name of a project' }]);
  if (canSee(caller, project)) return project;
  throw invalidRequest([{ field: 'project', message: `must be ${String(caller.project)}, which the key is for` }]);
}

function newVersion(request: PushRequest, project: string, number: number, examined: Examined): Version {
  const { content: _content, ...rest } = examined;
  return Object.assign(new Version(), rest, {
    model: request.model,
    version: number,
    project,
    status: 'registered' as const,
    author: request.caller.name,
    authorKey: request.caller.keyId,
    registeredAt: new Date(),
    decidedBy: null,
    decidedAt: null,
    reason: null,
    attestation: null,
  });
}

function fileRecord(name: string, file: ReceivedFile | undefined): FileRecord | undefined {
  return file && { name, digest: file.digest, size: file.size };
}
