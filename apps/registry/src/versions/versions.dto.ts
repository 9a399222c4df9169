import type { FileRecord, SignedEnvelope, TensorSignature, VersionStatus } from '@baton/contracts';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Length, Max, Min, NotContains } from 'class-validator';
import { ModelParams } from '../models/models.dto.js';
import type { Version } from './version.entity.js';

export class VersionParams extends ModelParams {
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(2_147_483_647)
  version: number;
}

export class VersionFileParams extends VersionParams {
  @IsString()
  @Length(1, 255)
  name: string;
}

export class ApproveRequest {
  @IsOptional()
  @IsString()
  @Length(1, 2000)
  @NotContains('\0')
  reason?: string;
}

export class RejectRequest {
  /** Its author reads it. */
  @IsString()
  @Length(1, 2000)
  @NotContains('\0')
  reason: string;
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
  readonly opset: Record<string, number>;
  readonly features: string[];
  readonly reference?: FileRecord;
  /** The model signature, as it was pushed. */
  readonly signature?: FileRecord;
  readonly metrics?: Record<string, number>;
  readonly signer?: string;
  readonly author: string;
  readonly registeredAt: string;
  readonly decidedBy?: string;
  readonly decidedAt?: string;
  readonly reason?: string;
  readonly attestation?: SignedEnvelope;
}

export function toResponse(version: Version): VersionResponse {
  const { authorKey: _authorKey, registeredAt, decidedAt, ...rest } = version;
  const known = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null));
  return {
    ...(known as Omit<VersionResponse, 'registeredAt' | 'decidedAt'>),
    registeredAt: registeredAt.toISOString(),
    ...(decidedAt ? { decidedAt: decidedAt.toISOString() } : {}),
  };
}
