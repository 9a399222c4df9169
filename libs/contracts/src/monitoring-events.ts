import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsNumber,
  IsOptional,
  IsString,
  Length,
  Matches,
  Min,
  ValidateNested,
} from 'class-validator';
import { DIGEST_PATTERN, integritySubjects, NAME_PATTERN, type IntegritySubject } from './vocabulary.js';

/** How far one feature or output moved from its reference. */
export class FeatureDrift {
  @IsString()
  @Length(1, 256)
  name: string;

  @IsIn(['input', 'output'])
  role: 'input' | 'output';

  @IsIn(['numeric', 'categorical'])
  kind: 'numeric' | 'categorical';

  /** Values seen in the window, without the missing ones. */
  @IsInt()
  @Min(0)
  n: number;

  @IsInt()
  @Min(0)
  missing: number;

  /** Values below the reference's least or above its greatest; for a category, values it never saw. */
  @IsInt()
  @Min(0)
  outOfRange: number;

  /** Name of the statistic. */
  @IsString()
  method: string;

  /** Absent when there are too few values to say anything. */
  @IsOptional()
  @IsNumber()
  statistic?: number;

  @IsNumber()
  threshold: number;

  @IsBoolean()
  drifted: boolean;
}

/** What one deployed version did within a window. */
export class VersionWindow {
  @Matches(NAME_PATTERN)
  model: string;

  @IsInt()
  @Min(1)
  version: number;

  @Matches(DIGEST_PATTERN)
  digest: string;

  /** Requests, answered or failed. */
  @IsInt()
  @Min(0)
  predictions: number;

  @IsInt()
  @Min(0)
  failures: number;

  /** Rows scored. */
  @IsInt()
  @Min(0)
  rows: number;

  /** Milliseconds; absent when nothing was answered. */
  @IsOptional()
  @IsNumber()
  latencyP50Ms?: number;

  @IsOptional()
  @IsNumber()
  latencyP99Ms?: number;

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => FeatureDrift)
  features: FeatureDrift[];
}

/** Payload of `window.closed`: metrics of one event-time window; a higher revision corrects an earlier one. */
export class WindowClosed {
  @Matches(NAME_PATTERN)
  endpoint: string;

  @Matches(NAME_PATTERN)
  project: string;

  /** Inclusive. */
  @IsISO8601()
  start: string;

  /** Exclusive. */
  @IsISO8601()
  end: string;

  @IsInt()
  @Min(1)
  revision: number;

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => VersionWindow)
  versions: VersionWindow[];

  @IsISO8601()
  closedAt: string;
}

/** Payload of `drift.detected`: which features or outputs of a version moved in a window, and how far. */
export class DriftDetected {
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

  @IsISO8601()
  start: string;

  @IsISO8601()
  end: string;

  /** Revision of the window that it was found in. */
  @IsInt()
  @Min(1)
  revision: number;

  /** SHA-256 of the reference rows. */
  @Matches(DIGEST_PATTERN)
  reference: string;

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => FeatureDrift)
  features: FeatureDrift[];

  @IsISO8601()
  detectedAt: string;
}

/** Payload of `integrity.violated`: something did not match, and was refused. */
export class IntegrityViolated {
  /** What was refused, as `kind:name`. */
  @IsString()
  @Length(1, 512)
  subject: string;

  @IsIn(integritySubjects)
  kind: IntegritySubject;

  @IsString()
  @Length(1, 2000)
  reason: string;

  @IsOptional()
  @IsString()
  expected?: string;

  @IsOptional()
  @IsString()
  actual?: string;

  @IsOptional()
  @Matches(NAME_PATTERN)
  endpoint?: string;

  @IsOptional()
  @Matches(NAME_PATTERN)
  model?: string;

  @IsOptional()
  @IsInt()
  version?: number;

  /** Who refused it: a service's name or a replica's id. */
  @IsString()
  detectedBy: string;

  @IsISO8601()
  detectedAt: string;
}
