import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { FileRecord } from './files.js';
import { EnvelopeSignature, SignedEnvelope } from './signatures.js';
import { TensorSignature } from './tensors.js';
import {
  DIGEST_PATTERN,
  loadStates,
  loggingPolicies,
  NAME_PATTERN,
  recordModes,
  strategies,
  type LoadState,
  type LoggingPolicy,
  type RecordMode,
  type Strategy,
} from './vocabulary.js';

/** Payload of each `deployment.*` event: one step of a rollout. */
export class DeploymentStep {
  @IsUUID()
  deployment: string;

  @Matches(NAME_PATTERN)
  endpoint: string;

  @Matches(NAME_PATTERN)
  project: string;

  @Matches(NAME_PATTERN)
  model: string;

  @IsInt()
  @Min(1)
  version: number;

  @Matches(DIGEST_PATTERN)
  digest: string;

  @IsIn(strategies)
  strategy: Strategy;

  /** Counts the changes of the endpoint. */
  @IsInt()
  @Min(1)
  revision: number;

  @IsString()
  requestedBy: string;

  @IsISO8601()
  at: string;

  /** Why the step was taken; always set on `deployment.refused`. */
  @IsOptional()
  @IsString()
  @Length(0, 2000)
  reason?: string;

  /** The replicas whose reports stand for the step. */
  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  replicas?: string[];
}

/** One version that an endpoint serves, with everything a replica needs to verify it before load. */
export class Route {
  @IsUUID()
  deployment: string;

  @Matches(NAME_PATTERN)
  model: string;

  @IsInt()
  @Min(1)
  version: number;

  @Matches(DIGEST_PATTERN)
  digest: string;

  /** Share of the requests that name no version, in percent; of a shadow it says nothing. */
  @IsInt()
  @Min(0)
  @Max(100)
  weight: number;

  /** True for a version that gets a copy of the requests, and whose answers are only logged. */
  @IsOptional()
  @IsBoolean()
  shadow?: boolean;

  @IsArray()
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

  @ValidateNested()
  @Type(() => SignedEnvelope)
  attestation: SignedEnvelope;
}

/** How an endpoint records and watches its predictions. */
export class EndpointPolicy {
  @IsIn(recordModes)
  record: RecordMode;

  /** Whether a caller's `event_time` parameter is believed. */
  @IsBoolean()
  eventTime: boolean;

  /** Length of a window: seconds, or `month` for calendar months in UTC. */
  @IsString()
  @Matches(/^([1-9][0-9]{0,7}|month)$/)
  window: string;

  /** How long a window waits for late events after its end, in seconds. */
  @IsInt()
  @Min(0)
  @Max(30 * 86_400)
  latenessSeconds: number;

  /** What is logged of values whose feature is not named in `features`. */
  @IsIn(loggingPolicies)
  logging: LoggingPolicy;

  /** Logging policy by feature name. */
  @IsObject()
  features: Record<string, LoggingPolicy>;

  /** Data class by name of an input feature: only callers cleared for it may send the feature. */
  @IsOptional()
  @IsObject()
  dataClasses?: Record<string, string>;
}

/** Payload of `serving.plan`: what every replica must serve for one endpoint now. */
export class ServingPlan {
  @Matches(NAME_PATTERN)
  endpoint: string;

  @Matches(NAME_PATTERN)
  project: string;

  @IsInt()
  @Min(1)
  revision: number;

  @IsArray()
  @ArrayMaxSize(16)
  @ValidateNested({ each: true })
  @Type(() => Route)
  routes: Route[];

  @ValidateNested()
  @Type(() => EndpointPolicy)
  policy: EndpointPolicy;

  @IsISO8601()
  issuedAt: string;

  /** The deployment service's signature over the canonical JSON of everything else. */
  @ValidateNested()
  @Type(() => EnvelopeSignature)
  signature: EnvelopeSignature;
}

/** What one replica says of one route. */
export class RouteReport {
  @Matches(NAME_PATTERN)
  endpoint: string;

  /** Revision of the plan that is being followed. */
  @IsInt()
  @Min(1)
  planRevision: number;

  @IsUUID()
  deployment: string;

  @Matches(NAME_PATTERN)
  model: string;

  @IsInt()
  @Min(1)
  version: number;

  @Matches(DIGEST_PATTERN)
  digest: string;

  @IsIn(loadStates)
  state: LoadState;

  /** Why it was refused. */
  @IsOptional()
  @IsString()
  @Length(0, 2000)
  reason?: string;
}

/** Payload of `replica.reported`: sent on every change and as a heartbeat. */
export class ReplicaReported {
  @IsUUID()
  replica: string;

  /** Grows with every report of this replica, over restarts too. */
  @IsInt()
  @Min(1)
  revision: number;

  @IsArray()
  @ArrayMaxSize(10_000)
  @ValidateNested({ each: true })
  @Type(() => RouteReport)
  routes: RouteReport[];

  /** True in the last report of a replica that is shutting down. */
  @IsBoolean()
  leaving: boolean;

  @IsISO8601()
  reportedAt: string;
}
