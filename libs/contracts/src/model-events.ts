import { Type } from 'class-transformer';
import {
  ArrayMinSize,
  IsArray,
  IsInt,
  IsISO8601,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Matches,
  Min,
  ValidateNested,
} from 'class-validator';
import { FileRecord } from './files.js';
import { IsNullable } from './nullable.js';
import { SignedEnvelope } from './signatures.js';
import { TensorSignature } from './tensors.js';
import { DIGEST_PATTERN, NAME_PATTERN } from './vocabulary.js';

/** What every event about a model version says. */
export class ModelVersionFact {
  @Matches(NAME_PATTERN)
  model: string;

  @Matches(NAME_PATTERN)
  project: string;

  @IsInt()
  @Min(1)
  version: number;

  /** Counts the changes of the model; an older one is ignored by readers. */
  @IsInt()
  @Min(1)
  revision: number;

  /** Root digest of the version's model files (OpenSSF Model Signing). */
  @Matches(DIGEST_PATTERN)
  digest: string;
}

/** Payload of `model.registered`: a version passed admission. */
export class ModelRegistered extends ModelVersionFact {
  @IsArray()
  @ArrayMinSize(1)
  @ValidateNested({ each: true })
  @Type(() => FileRecord)
  files: FileRecord[];

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => TensorSignature)
  inputs: TensorSignature[];

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => TensorSignature)
  outputs: TensorSignature[];

  /** Operator set version per domain. */
  @IsObject()
  opset: Record<string, number>;

  /** The rows that drift is measured against; absent when none were pushed. */
  @IsOptional()
  @ValidateNested()
  @Type(() => FileRecord)
  reference?: FileRecord;

  /** Names of the model's features, in the order of its inputs; see `featureNames`. */
  @IsArray()
  @IsString({ each: true })
  features: string[];

  /** Metrics as the author states them. */
  @IsOptional()
  @IsObject()
  metrics?: Record<string, number>;

  /** Key id of the model signature's signer; absent for an unsigned version. */
  @IsOptional()
  @Matches(DIGEST_PATTERN)
  signer?: string;

  @IsString()
  author: string;

  @IsISO8601()
  registeredAt: string;
}

/** Payload of `model.approved`: a second person stands for this digest. Carries all that a deployment needs. */
export class ModelApproved extends ModelVersionFact {
  @IsString()
  approver: string;

  @IsOptional()
  @IsString()
  @Length(0, 2000)
  reason?: string;

  @IsISO8601()
  approvedAt: string;

  /** Release attestation: an in-toto statement over model, version, digest, approver and time. */
  @ValidateNested()
  @Type(() => SignedEnvelope)
  attestation: SignedEnvelope;

  @IsArray()
  @ArrayMinSize(1)
  @ValidateNested({ each: true })
  @Type(() => FileRecord)
  files: FileRecord[];

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => TensorSignature)
  inputs: TensorSignature[];

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => TensorSignature)
  outputs: TensorSignature[];

  @IsOptional()
  @ValidateNested()
  @Type(() => FileRecord)
  reference?: FileRecord;

  /** Names of the model's features, in the order of its inputs; see `featureNames`. */
  @IsArray()
  @IsString({ each: true })
  features: string[];
}

/** Payload of `model.rejected`: this version will not be deployed. */
export class ModelRejected extends ModelVersionFact {
  @IsString()
  rejectedBy: string;

  @IsString()
  @Length(1, 2000)
  reason: string;

  @IsISO8601()
  rejectedAt: string;
}

/** Payload of `alias.changed`: an alias moved; `to` is null when it was removed. */
export class AliasChanged {
  @Matches(NAME_PATTERN)
  model: string;

  @Matches(NAME_PATTERN)
  project: string;

  @Matches(NAME_PATTERN)
  alias: string;

  @IsNullable()
  @IsInt()
  from: number | null;

  @IsNullable()
  @IsInt()
  to: number | null;

  @IsInt()
  @Min(1)
  revision: number;

  @IsString()
  changedBy: string;

  @IsISO8601()
  changedAt: string;
}
