import type { FileRecord, Role, TensorSignature, VersionStatus } from '@baton/contracts';
import { openAsBlob } from 'node:fs';
import { segment, type ServiceClient } from './http.js';

/** A page of a list; pass `nextCursor` back for the next one. */
export interface Page<T> {
  readonly items: T[];
  readonly nextCursor?: string;
}

export interface VersionResponse {
  readonly model: string;
  readonly project: string;
  readonly version: number;
  readonly status: VersionStatus;
  readonly digest: string;
  readonly files: FileRecord[];
  readonly inputs: TensorSignature[];
  readonly outputs: TensorSignature[];
  readonly features: string[];
  readonly reference?: FileRecord;
  readonly metrics?: Record<string, number>;
  readonly signer?: string;
  readonly author: string;
  readonly registeredAt: string;
  readonly decidedBy?: string;
  readonly decidedAt?: string;
  readonly reason?: string;
}

interface KeyRequest {
  readonly name: string;
  readonly roles: Role[];
  readonly project?: string;
  /** Data classes; absent for all that the caller may send, empty for none. */
  readonly clearance?: readonly string[];
  readonly expiresAt?: string;
}

export interface KeyResponse {
  readonly id: string;
  readonly name: string;
  readonly roles: Role[];
  readonly project: string | null;
  /** The data classes it may send; null for all of them. */
  readonly clearance: string[] | null;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly revokedAt?: string | null;
}

/** A key that was just made: the only time its secret is shown. */
export interface NewKeyResponse extends KeyResponse {
  readonly key: string;
}

/** Paths of the files of a version. */
export interface PushFiles {
  readonly model: string;
  /** CSV with a header: the rows that drift is measured against. */
  readonly reference?: string;
  /** JSON object of numbers. */
  readonly metrics?: string;
  /** OpenSSF Model Signing bundle over the model file, as JSON text. */
  readonly signature?: string;
}

export interface PushOptions {
  readonly project?: string;
  /** Makes a repeated push answer with the same version. */
  readonly idempotencyKey?: string;
  readonly timeoutMs?: number;
}

/** Models, versions, approvals and keys. */
export class RegistryClient {
  constructor(private readonly service: ServiceClient) {}

  /** Registers a version. Files are read from disk while they are sent. */
  async push(model: string, files: PushFiles, options: PushOptions = {}): Promise<VersionResponse> {
    const form = new FormData();
    if (options.project) form.set('project', options.project);
    form.set('model', await openAsBlob(files.model), 'model.onnx');
    if (files.reference) form.set('reference', await openAsBlob(files.reference), 'reference.csv');
    if (files.metrics) form.set('metrics', await openAsBlob(files.metrics), 'metrics.json');
    if (files.signature) form.set('signature', new Blob([files.signature]), 'model.sig');
    return this.service.request(`/v1/models/${segment(model)}/versions`, {
      method: 'POST',
      body: form,
      headers: options.idempotencyKey ? { 'idempotency-key': options.idempotencyKey } : {},
      timeoutMs: options.timeoutMs ?? 600_000,
    });
  }

  version(model: string, version: number): Promise<VersionResponse> {
    return this.service.request(`${versionPath(model, version)}`);
  }

  versions(model: string, page: { limit?: number; cursor?: string } = {}): Promise<Page<VersionResponse>> {
    return this.service.request(`/v1/models/${segment(model)}/versions`, { query: page });
  }

  approve(model: string, version: number, reason?: string): Promise<VersionResponse> {
    return this.service.request(`${versionPath(model, version)}/approve`, { method: 'POST', json: { reason } });
  }

  reject(model: string, version: number, reason: string): Promise<VersionResponse> {
    return this.service.request(`${versionPath(model, version)}/reject`, { method: 'POST', json: { reason } });
  }

  createKey(key: KeyRequest): Promise<NewKeyResponse> {
    return this.service.request('/v1/keys', { method: 'POST', json: key });
  }

  keys(page: { limit?: number; cursor?: string } = {}): Promise<Page<KeyResponse>> {
    return this.service.request('/v1/keys', { query: page });
  }

  revokeKey(id: string): Promise<void> {
    return this.service.request(`/v1/keys/${segment(id)}`, { method: 'DELETE' });
  }
}

function versionPath(model: string, version: number): string {
  return `/v1/models/${segment(model)}/versions/${segment(version)}`;
}
